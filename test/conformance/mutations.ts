// The shapes in which a rule is broken on the wire. Each gives a new mutation at every call, since some remember.
import type { Draft, Mutation } from "./proxy.js";
import type { Channel } from "./wire.js";

type Fits = (draft: Draft) => boolean;
type Make = () => Mutation;

export const named =
  (...names: string[]): Fits =>
  ({ name }) =>
    names.includes(name);
export const onChannel =
  (channel: Channel, ...names: string[]): Fits =>
  (draft) =>
    draft.channel === channel && (names.length === 0 || names.includes(draft.name));
/** Belongs to a request of these types. */
export const parentIs =
  (...types: string[]): Fits =>
  ({ parent }) =>
    types.includes(String(parent.msg_type));
export const both =
  (...all: Fits[]): Fits =>
  (draft) =>
    all.every((fits) => fits(draft));
export const withStatus =
  (status: string): Fits =>
  ({ content }) =>
    content.status === status;

/** A copy to change. */
export function copy(draft: Draft): Draft {
  const { header, parent, metadata, content } = structuredClone({
    header: draft.header,
    parent: draft.parent,
    metadata: draft.metadata,
    content: draft.content,
  });
  return { ...draft, header, parent, metadata, content };
}

/** Another message of the kernel, with this one's parent and a header of its own. */
export function another(draft: Draft, type: string, content: Draft["content"]): Draft {
  const made = copy(draft);
  made.channel = "iopub";
  made.identities = [Buffer.from(type)];
  made.header = { ...made.header, msg_type: type, msg_id: `${made.header.msg_id}-${type}` };
  made.content = content;
  made.metadata = {};
  made.buffers = [];
  return made;
}

/** What the kernel says, changed. */
export const changed =
  (fits: Fits, edit: (draft: Draft) => void): Make =>
  () => ({
    toClient(draft) {
      if (!fits(draft)) return undefined;
      const made = copy(draft);
      edit(made);
      return [made];
    },
  });

export const dropped =
  (fits: Fits): Make =>
  () => ({ toClient: (draft) => (fits(draft) ? [] : undefined) });

/** Said once more, under another id. */
export const repeated =
  (fits: Fits): Make =>
  () => ({
    toClient(draft) {
      if (!fits(draft)) return undefined;
      const again = copy(draft);
      again.header.msg_id += "-again";
      return [draft, again];
    },
  });

/** Preceded by another message of the same parent. */
export const preceded =
  (fits: Fits, type: string, content: Draft["content"]): Make =>
  () => ({ toClient: (draft) => (fits(draft) ? [another(draft, type, content), draft] : undefined) });

/** Held back until just behind the next that fits `until`. */
export const delayed =
  (fits: Fits, until: Fits): Make =>
  () => {
    const held: Draft[] = [];
    return {
      toClient(draft) {
        if (held.length > 0 && until(draft)) return [draft, ...held.splice(0)];
        if (!fits(draft)) return undefined;
        held.push(draft);
        return [];
      },
    };
  };

/** Requests that never reach the kernel. */
export const deaf =
  (fits: Fits): Make =>
  () => ({ toKernel: (draft) => (fits(draft) ? [] : undefined) });

/** Requests that the kernel takes for others. */
export const misread =
  (fits: Fits, edit: (draft: Draft) => void): Make =>
  () => ({
    toKernel(draft) {
      if (!fits(draft)) return undefined;
      const made = copy(draft);
      edit(made);
      return [made];
    },
  });
