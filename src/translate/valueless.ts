// Around expressions: a block that binds nothing has no completion value, as a declaration has none, and is no scope that a
// debugger shows.
export const OPEN = "{let {}=[";
export const CLOSE = "]}";
