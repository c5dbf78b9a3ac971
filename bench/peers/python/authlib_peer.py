"""Authlib: https://authlib.org, with joserfc under it. Sequential with requests, many at once with httpx2."""
import ssl
import time
from urllib.parse import urlencode

from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response
from authlib.oauth2.rfc6749.wrappers import OAuth2Token
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from measuring import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPE, operation, report

NONCE = 'n-0S6_WzA2Mj'
REGISTRATION = {'client_id': CLIENT_ID, 'client_secret': CLIENT_SECRET, 'scope': SCOPE,
                'redirect_uri': REDIRECT_URI, 'code_challenge_method': 'S256'}


def fetch(job, path):
    response = OAuth2Session(**REGISTRATION).get(job.issuer + path, withhold_token=True)
    response.raise_for_status()
    return response


def begin(session, issuer):
    verifier, nonce = generate_token(48), generate_token(43)
    url, state = session.create_authorization_url(issuer + '/authorize', code_verifier=verifier, nonce=nonce,
                                                  prompt='consent')
    return url, state, nonce, verifier


def callback(job, code, state):
    return REDIRECT_URI + '?' + urlencode({'code': code, 'state': state, 'iss': job.issuer})


def exchange(session, issuer, code, verifier):
    return session.fetch_token(issuer + '/token', code=code, code_verifier=verifier)


def validator(job):
    """Its integrations for web frameworks do the same, but import the keys for each token."""
    keys = KeySet.import_key_set(fetch(job, '/jwks').json())
    options = {'iss': {'values': [job.issuer]}}

    def validate(text, nonce, algorithm, access_token=None):
        registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        token = jwt.decode(text, key=keys, registry=registry)
        parameters = {'nonce': nonce, 'client_id': CLIENT_ID}
        if access_token:
            parameters['access_token'] = access_token
        claims = CodeIDToken(token.claims, token.header, options, parameters)
        claims.validate(leeway=120)
        return claims

    return validate


@operation('ns')
def begin_authorization(job):
    session = OAuth2Session(**REGISTRATION)
    return lambda: begin(session, 'https://provider.example')


@operation('ns')
def accept_callback(job):
    state = generate_token(43)
    address = callback(job, 'SplxlOBeZQQYbYS6WxSbIA', state)

    def accept():
        if parse_authorization_code_response(address, state)['iss'] != job.issuer:
            raise RuntimeError('another issuer')

    return accept


@operation('us')
def exchange_sequential_cpu(job):
    session = OAuth2Session(**REGISTRATION)
    verifier = generate_token(48)
    return lambda: exchange(session, job.issuer, 'SplxlOBeZQQYbYS6WxSbIA', verifier)['access_token']


@operation('us', in_flight=64)
def exchange_64_cpu(job):
    client = AsyncOAuth2Client(**REGISTRATION, verify=ssl.create_default_context(cafile=job.authorities))
    verifier = generate_token(48)

    async def one():
        return (await exchange(client, job.issuer, 'SplxlOBeZQQYbYS6WxSbIA', verifier))['access_token']

    return one


@operation('us')
def login_complete_cpu(job):
    session = OAuth2Session(**REGISTRATION)
    validate = validator(job)

    def login():
        _, state, nonce, verifier = begin(session, job.issuer)
        accepted = parse_authorization_code_response(callback(job, 'RS256.' + nonce, state), state)
        if accepted['iss'] != job.issuer:
            raise RuntimeError('another issuer')
        tokens = exchange(session, job.issuer, accepted['code'], verifier)
        return validate(tokens['id_token'], nonce, 'RS256', tokens['access_token'])['sub']

    return login


@operation('ns')
def token_hot(job):
    session = OAuth2Session(**REGISTRATION)
    session.token = OAuth2Token({'access_token': 'SlAV32hkKG', 'token_type': 'Bearer',
                                 'expires_at': int(time.time()) + 3600})

    def look():
        if not session.ensure_active_token(session.token):
            raise RuntimeError('expired')
        return session.token['access_token']

    return look


def id_token(algorithm):
    @operation('us')
    def prepare(job):
        validate = validator(job)
        text = fetch(job, f'/bench/id_token?alg={algorithm}&nonce={NONCE}').text
        return lambda: validate(text, NONCE, algorithm)
    return prepare


report({
    'begin_authorization': begin_authorization,
    'accept_callback': accept_callback,
    'exchange_sequential_cpu': exchange_sequential_cpu,
    'exchange_64_cpu': exchange_64_cpu,
    'login_complete_cpu': login_complete_cpu,
    'token_hot': token_hot,
    'id_token_rs256': id_token('RS256'),
    'id_token_es256': id_token('ES256'),
    'id_token_eddsa': id_token('EdDSA'),
})
