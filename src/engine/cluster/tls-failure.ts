/** Why TLS could not be established; `rejected`: the server rejects the client's certificate, or requires one. */
export type TlsFailure = 'untrusted' | 'other-name' | 'expired' | 'rejected';

const failures: Readonly<Record<string, TlsFailure>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted',
  CERT_SIGNATURE_FAILURE: 'untrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'other-name',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'expired',
};

const alert = /^ERR_SSL_.*ALERT/;

/** The reason among an error and its causes; undefined if it is none of TLS. */
export const tlsFailureOf = (error: unknown): TlsFailure | undefined => {
  for (let each = error; each instanceof Error; each = each.cause) {
    const { code = '' } = each as { readonly code?: unknown };
    const found = failures[String(code)];
    if (found !== undefined) return found;
    if (alert.test(String(code))) return 'rejected';
  }
  return undefined;
};
