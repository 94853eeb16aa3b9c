// The main thread's own way in.
import type { Socket } from "node:net";
import { CommandReader, type RawCommand } from "./frames.js";

/**
 * Takes commands from a socket, one a turn: where a termination hits the work that one asks for, the next ones still come.
 * @param obey does not reject
 */
export function takeStraight(socket: Socket, obey: (command: RawCommand) => void): void {
  const commands = new CommandReader();
  const queue: RawCommand[] = [];
  const take = (): void => {
    if (queue.length > 1) setImmediate(take);
    const next = queue.shift();
    if (next) obey(next);
  };
  socket.on("data", (chunk: Buffer) => {
    const busy = queue.length > 0;
    for (const command of commands.push(chunk)) queue.push(command);
    if (!busy) take();
  });
  // The control worker hears of it when the supervisor is gone.
  socket.on("error", () => {});
  socket.unref();
}
