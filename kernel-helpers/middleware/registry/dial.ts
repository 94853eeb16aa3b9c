// To whoever keeps the registry now. Each try reads the note again: it may be another one by then.
import { Refused } from "../errors.js";
import type { Where, World } from "../flow.js";
import { DialedLink } from "../wire/sessions.js";
import { readNote } from "./home.js";

export function dialRegistry(world: World, home: string, from: Where): DialedLink {
  return new DialedLink({
    ...{ world, where: "the registry", from },
    dial: async () => {
      const where = readNote(home);
      if (where === undefined) throw new Refused("nobody keeps the registry yet");
      return await world.dial(where);
    },
  });
}
