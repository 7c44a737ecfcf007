import { authMutants } from "./guard-mutants-of-auth.ts";
import { checkMutants } from "./guard-mutants-of-checks.ts";

/**
 * Checks of identity, each removed or weakened alone, and the test that has to fail for it; `npm run test:mutants` tries
 * them all. A mutant that no test notices is a hole in the tests: add the test, then the row. Left out is what is guarded
 * twice on purpose (`takeRequests` leaves out people who are not active, and so does `insertLink`): there, taking out one
 * changes nothing.
 */
export type Mutant = {
  file: string;
  /** Stands in the file once; white space counts as white space, whatever it is. */
  from: string;
  to: string;
  /** What it would mean. */
  means: string;
  /** The file of the test that notices, and a part of its title. */
  test: readonly [file: string, title: string];
};

export const mutants: readonly Mutant[] = [...checkMutants, ...authMutants];
