// The process that is called. Its argument: the way, as a file beside this one.
process.once("disconnect", () => process.exit());
const { serve } = await import(`./${process.argv[2]}.mjs`);
process.send(await serve());
