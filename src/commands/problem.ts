/** What went wrong with a command, for people; printed without a stack. */
export class CommandProblem extends Error {}
