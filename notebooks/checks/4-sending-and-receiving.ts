// What the checkpoints of notebook 4 look at.
import { defineChecks } from "wirebook/checks";
import { personal } from "wirebook/lesson";

export const checks = defineChecks({
  "4.4": {
    title: "A reply was read to its end",
    points: 0,
    hints: [
      "When does your loop stop: when a piece is small, or when nothing comes any more?",
      "`recv` gives an empty Buffer at the end of the stream, and only there.",
      "if (piece.length === 0) break;",
    ],
    async run(student, t) {
      const sizes = (await student.value("sizes")) as number[];
      const total = await student.value("total");
      const sum = sizes.reduce((one, other) => one + other, 0);
      t.expect("something came", {}, sizes.length > 0, { seen: sizes.length });
      t.expect(
        "each piece has a byte at least, and 4096 at most",
        {},
        sizes.every((size) => size > 0 && size <= 4096),
        {
          seen: sizes.slice(0, 20),
        },
      );
      t.expect("the total is that of the pieces", {}, total === sum, { expected: sum, seen: total });
    },
  },
  "4.5": {
    title: "All bytes came, in their order, with a number of your own",
    points: 0,
    hints: [
      "Has the cell with the five `sendall` been run to its end?",
      "The last word is a number that belongs to you: if you have copied the cell, or told the lab who you are only now, restart the kernel and run all cells from the top.",
      "mine.integer('number', 100, 999)",
    ],
    async run(student, t) {
      const seen = await student.value("heard");
      const own = personal("4-sending-and-receiving").integer("number", 100, 999);
      const expected = `one two three four ${own}`;
      t.expect("what came is what you sent", {}, seen === expected, { expected, seen });
      const calls = await student.value("calls");
      t.expect("it took one `recv` at least", {}, Number(calls) >= 1, { seen: calls });
    },
  },
});
