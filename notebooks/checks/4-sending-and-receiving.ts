// What the checkpoint of notebook 4 looks at.
import { defineChecks } from "wirebook/checks";

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
});
