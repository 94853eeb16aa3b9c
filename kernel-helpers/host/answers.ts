// Places for the student's answers.

/** An answer cell that still holds no answer. */
export class NotAnswered extends Error {
  override readonly name: string = "NotAnswered";

  /** @param question its number: `7.1` */
  constructor(question: string) {
    super(`question ${question} has no answer yet: replace this line by yours`);
  }
}
