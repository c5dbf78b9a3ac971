// jose: https://github.com/panva/jose
import { clientId, fetchText, job, library, report } from './measuring.mjs';

const jose = await library('jose');

const idToken = (algorithm) => ({
  unit: 'us',
  prepare: async () => {
    const keys = jose.createLocalJWKSet(JSON.parse(await fetchText('/jwks')));
    const token = await fetchText(`/bench/id_token?alg=${algorithm}&nonce=n-0S6_WzA2Mj`);
    const expected = {
      algorithms: [algorithm],
      issuer: job.issuer,
      audience: clientId,
      requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
    };
    return async () => {
      const { payload } = await jose.jwtVerify(token, keys, expected);
      if (payload.nonce !== 'n-0S6_WzA2Mj') throw new Error('another nonce');
    };
  },
});

await report({
  id_token_rs256: idToken('RS256'),
  id_token_es256: idToken('ES256'),
  id_token_eddsa: idToken('EdDSA'),
});
