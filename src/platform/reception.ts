/** What a consumer is handed: the event as it was logged, validated by its writer's schema, cast to the version it reads. */
import { castData, type EventContract } from "./contract.ts";
import type { LogRow, Received } from "./event.ts";
import type { Consumer } from "./service.ts";

export type Reception = {
  /** The types the consumer reads; others are passed over. */
  wanted: ReadonlyMap<string, EventContract>;
  /** The event, or a text that says why it cannot be read. `data` replaces that of the row. */
  receive: (row: LogRow, data?: unknown) => Received | string;
};

/** @param versions every published version of the source's events: how to lift what was written to what is wanted */
export function createReception(consumer: Consumer, versions: readonly EventContract[]): Reception {
  const wanted = new Map(consumer.events.map((contract) => [contract.type, contract]));
  const written = new Map(versions.map((contract) => [`${contract.type} ${contract.version}`, contract]));
  return {
    wanted,
    receive: (row, data = row.data) => {
      const contract = wanted.get(row.type);
      if (contract === undefined) return `${consumer.name} does not read ${row.type} any more`;
      const writer = written.get(`${row.type} ${row.version}`);
      if (writer === undefined) return `version ${row.version} of ${row.type} is not known here`;
      const problem = writer.readProblem(data);
      if (problem !== null) return `not a valid ${row.type} v${row.version}: ${problem}`;
      const cast = castData(writer, contract, data);
      if (cast === undefined) return `no cast leads from v${row.version} of ${row.type} to v${contract.version}`;
      return { ...row, data: cast as never };
    },
  };
}
