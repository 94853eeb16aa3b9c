// A program that holds all doors, so that it can stand in a network of its own.
import { createDice } from "../scenario.js";
import { Door, type End, type Weather } from "./door.js";
import { obey, over } from "./program.js";

const dice = createDice(Number(process.argv[2]));
const random = (): number => dice(1e6) / 1e6;
const doors = new Map<string, Door>();

obey({
  /** Opens a door where there was another, or none. */
  async open({ name, at, to, isWeb }: { name: string; at: End; to: End; isWeb: boolean }) {
    await doors.get(name)?.close();
    const door = new Door({ to, isWeb, random });
    doors.set(name, door);
    await door.listen(at);
  },
  async close(name: string) {
    await doors.get(name)?.close();
    doors.delete(name);
  },
  weather({ name, ...weather }: Partial<Weather> & { name: string }) {
    const door = doors.get(name);
    if (door) door.weather = weather;
  },
  cut: (name: string) => doors.get(name)?.cut(),
  /** Sockets that are open. */
  count: () => [...doors.values()].reduce((sum, { open }) => sum + open, 0),
  async end() {
    await Promise.all([...doors.values()].map((door) => door.close()));
    over();
  },
});
