/** Why nothing can be handed in; the message is for people. */
export class SubmissionProblem extends Error {}
