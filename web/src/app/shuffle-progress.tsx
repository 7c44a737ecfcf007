/** Progress of the running shuffle, wherever one is in the app. */
export const ShuffleProgress = () => null;
