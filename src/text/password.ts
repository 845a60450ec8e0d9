/**
 * A password in the form that is hashed (RFC 8265, OpaqueString): its spaces are U+0020, and it is in NFC. Nothing
 * else changes.
 */
export const preparedPassword = (password: string): string =>
  password.replace(/\p{Zs}/gu, ' ').normalize('NFC');
