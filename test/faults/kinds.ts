// Eleven kinds of code that are interrupted, each at random times.
export const KINDS: readonly string[] = [
  "while (true) count++",
  "await new Promise(r => setTimeout(r, 5)); while (true) count++",
  "await 0; while (true) count++",
  "setTimeout(() => { while (true) count++ }, 5); await new Promise(r => setTimeout(r, 10))",
  "while (true) { try { while (true) count++ } catch {} finally {} }",
  "await new Promise(() => {})",
  "for (let i = 0; i < 300; i++) { await new Promise(r => setTimeout(r, 0)); count++ }",
  "for (let i = 0; i < 3e5; i++) count++; count",
  `const net1 = await import("node:net"); const sv = net1.createServer(c => { c.on("data", () => { const t = Date.now(); while (Date.now() - t < 30); }); c.end("x") }).listen(0, "127.0.0.1"); await new Promise(r => sv.once("listening", r));
   for (let k = 0; k < 5; k++) { const c = net1.connect(sv.address().port, "127.0.0.1"); c.write("a"); c.on("data", () => {}); await new Promise(r => c.once("close", r)) } sv.close()`,
  "for (;;) { clearTimeout(setTimeout(() => {}, 1 + (count++ % 9))); setTimeout(() => {}, 20 + (count % 50)) }",
  '/(a+)+b/.test("a".repeat(34))',
];
