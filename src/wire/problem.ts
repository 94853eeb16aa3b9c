/** The kernel cannot be reached in the way it was asked for; the message is for people and quotes no secret. */
export class ConnectionProblem extends Error {
  override name = "ConnectionProblem";
}
