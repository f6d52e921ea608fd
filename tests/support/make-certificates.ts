import { generate } from 'selfsigned';

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Who it is for, when it is the certificate of a server. @default 127.0.0.1 and localhost */
  readonly host?: string;
  readonly notAfterDate?: Date;
}

/** Someone who signs certificates. */
export interface Authority {
  /** Whom to trust, in PEM. */
  readonly cert: string;
  sign(name: string, options?: CertificateOptions): Promise<Certificate>;
}

const day = 86_400_000;
const common = { keyType: 'ec', algorithm: 'sha256' } as const;
const named = (value: string) => [{ name: 'commonName', value }];

/** Makes an authority that nobody knows of, for one test. */
export async function createAuthority(): Promise<Authority> {
  const { cert, private: key } = await generate(named('test authority'), {
    ...common,
    notBeforeDate: new Date(Date.now() - 2 * day),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  return { cert, sign: (name, options) => sign(name, { cert, key }, options) };
}

async function sign(
  name: string,
  ca: Certificate,
  { host, notAfterDate = new Date(Date.now() + day) }: CertificateOptions = {},
): Promise<Certificate> {
  const { cert, private: key } = await generate(named(name), {
    ...common,
    ca,
    notBeforeDate: new Date(Date.now() - 2 * day),
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: host
          ? [{ type: 2, value: host }]
          : [
              { type: 2, value: 'localhost' },
              { type: 7, ip: '127.0.0.1' },
            ],
      },
    ],
  });
  return { cert, key };
}
