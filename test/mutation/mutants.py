"""Each check, switched off.

mutant(what is off, which tests must fail, file below include/coauth/impl, text, replacement)

The text occurs in the file exactly once, or the script says so. Tests are named as <program>:<suite>; each one named has
to fail by itself. `boosts` are the versions of Boost, as BOOST_VERSION has them, with which it makes a difference: with
others Boost does by itself what the check does.
"""
import collections

Mutant = collections.namedtuple('Mutant', 'what tests file text replacement boosts')
ALL_BOOSTS = range(0, 10 ** 9)
MUTANTS = []


def mutants(file, tests):
    def add(what, text, replacement, tests=tests, boosts=ALL_BOOSTS):
        MUTANTS.append(Mutant(what, tests.split(), file + '.ipp', text, replacement, boosts))
    return add


# Form of a JWS
off = mutants('jose/jws', 'unit:jose_jws')
off('limits::token_bytes', 'if (compact.size() > bounds.token_bytes)', 'if (false)')
off('limits::jwt_header_bytes', 'compact.substr(0, base64url_encoded_size(bounds.jwt_header_bytes) + 1).find(',
    'compact.find(')
off('limits::jwt_signature_bytes', 'base64url_encoded_size(std::min(bounds.jwt_signature_bytes, signature_bytes))',
    'base64url_encoded_size(signature_bytes)')
off('header in canonical base64url',
    'if (!base64url_decode(encoded, reinterpret_cast<unsigned char*>(text.data())))\n        return errc::malformed_jwt;',
    'base64url_decode(encoded, reinterpret_cast<unsigned char*>(text.data()));')
off('signature in canonical base64url',
    'if (!base64url_decode(parts->signature, signature.data()))\n        return errc::malformed_jwt;',
    'base64url_decode(parts->signature, signature.data());')
off('payload in canonical base64url',
    'if (!base64url_decode(parts->payload, reinterpret_cast<unsigned char*>(payload.data())))\n'
    '        return errc::malformed_jwt;',
    'base64url_decode(parts->payload, reinterpret_cast<unsigned char*>(payload.data()));')
# Header
off('crit', '{"crit", "b64", "zip"}', '{"b64", "zip"}')
off('b64', '{"crit", "b64", "zip"}', '{"crit", "zip"}')
off('zip', '{"crit", "b64", "zip"}', '{"crit", "b64"}')
off('typ is a string', '(!type && members.contains("typ")) ||', '')
off('kid is a string', '(!key_id && members.contains("kid")) ||', '')
off('length of kid', '(key_id && key_id->size() > key_id_bytes)', 'false')
# Algorithm and signature
off('algorithm is that of the secret', 'if (header.algorithm != name(keys.secret->algorithm()))', 'if (false)')
off('algorithm is an accepted one', 'if (!algorithm || !keys.algorithms.contains(*algorithm))', 'if (!algorithm)')
off('signature', '        return errc::signature_invalid;', '        static_cast<void>(0);')
off('HMAC', 'const bool equal =', 'const bool equal = true ||')
off('at_hash and c_hash', 'return constant_time_equal({text.data(), base64url_encoded_size(half.size())}, claim);',
    'return true;', 'unit:jose_jws unit:protocol_id_token')

off = mutants('detail/base64url', 'unit:detail_base64url')
off('bits beyond the last byte', 'rest == 0;', 'rest < 0x10000;')
off('foreign characters', '(foreign & ~std::uint32_t(63)) == 0', 'foreign < 0x10000')
off('impossible lengths', 'if (left % 4 == 1)', 'if (false)')

# Keys
off = mutants('jose/jwk', 'unit:jose_jwk_set')
off('size of key members', 'if (!text || base64url_decoded_size(text->size()) > most_bytes)', 'if (!text)')
off('key members in canonical base64url', 'if (!base64url_decode(*text, out.data()))\n        out.clear();',
    'base64url_decode(*text, out.data());')
off('numbers without leading zeros', 'if (!out.empty() && out.front() == 0)', 'if (false)')
off('RSA keys of 2048 bits', 'bits < rsa_smallest_bits || ', '')
off('odd RSA modulus', 'n.back() % 2 == 0 || ', '')
off('odd RSA exponent', 'exponent % 2 == 0 || ', '')
off('RSA exponent of 3 or more', 'exponent < 3 ||', '')
off('RSA exponent below 2^33', 'exponent >= exponent_end)', 'false)')
off('use', 'if (jwk.contains("use") && string_member(jwk, "use") != "sig")', 'if (false)')
off('key_ops', 'return list && std::any_of(', 'return true || std::any_of(')
off('kid of a key is a string of some length', 'if (!text || text->size() > key_id_bytes)', 'if (!text)')
off('alg of a key that is for something else', 'if (!only) // of encryption, for example', 'if (false)')

off = mutants('jose/jwk_set', 'unit:jose_jwk_set')
off('size of a key set', 'if (json.size() > bounds.discovery_body_bytes)', 'if (false)')
off('limits::key_set_keys', 'if (!keys || keys->size() > bounds.key_set_keys)', 'if (!keys)')
off('keys say their kind', 'if (!jwk || !detail::string_member(*jwk, "kty"))', 'if (!jwk)')
off('kid leads to its key', '(key_id && key.key_id() != *key_id)', 'false', 'unit:jose_jwk_set unit:jose_jws')
off('keys fit the algorithm', '!key.fits(algorithm) || ', '')
off('several keys would do', 'if (found)\n            return errc::signing_key_ambiguous;', '',
    'unit:jose_jwk_set unit:jose_jws')

off = mutants('jose/verification_key', 'unit:jose_jws')
off('length of ECDSA signatures', 'if (signature.size() != 2 * half)', 'if (signature.size() < 2 * half)')
off('result of the verification', 'EVP_DigestVerify(own.get(), signature.data(), signature.size(), octets(input), '
    'input.size()) == 1;', '(EVP_DigestVerify(own.get(), signature.data(), signature.size(), octets(input), '
    'input.size()), true);')
off('a key is asked for its own algorithms only', 'if (!fits(algorithm))', 'if (false)', 'unit:jose_verification_key')

off = mutants('jose/openssl', 'unit:jose_jws')
off('length of the salt of PSS', 'RSA_PSS_SALTLEN_DIGEST', 'RSA_PSS_SALTLEN_AUTO')
off('OpenSSL\'s queue of errors', '~error_mark() { ERR_pop_to_mark(); }', '~error_mark() {}')

off = mutants('jose/algorithm', 'unit:jose_algorithm')
off('length of HMAC secrets', 'if (value_.size() < hash_bytes) // OpenSSL would take an empty one', 'if (false)')

# Claims that several kinds of tokens have
off = mutants('protocol/signed_claims', 'unit:protocol_id_token unit:protocol_logout_token')
off('iss', ': out == issuer;', ': true;')
off('aud has the client', 'const bool addressed = !client_id.empty() && contains_text(list, client_id);',
    'const bool addressed = true;')
off('aud has nobody else who is not trusted',
    'return one == client_id || contains_text(registration.trusted_audiences(), one);', 'return true;')
off('aud holds strings', 'if (!text)\n            return errc::claim_invalid;', 'if (!text)\n            continue;',
    'unit:protocol_id_token')
off('exp has passed', 'return now < expires + bounds.clock_tolerance ? nothing_wrong : errc::token_expired;',
    'return nothing_wrong;', 'unit:protocol_id_token unit:protocol_logout_token unit:protocol_userinfo')
off('times to come', 'return time <= now + bounds.clock_tolerance ? nothing_wrong : errc::token_not_yet_valid;',
    'return nothing_wrong;')
off('age', 'return now - issued <= instant(most) + bounds.clock_tolerance ? nothing_wrong : errc::token_too_old;',
    'return nothing_wrong;')
off('times are finite and not negative', 'if (!std::isfinite(seconds) || seconds < 0)', 'if (false)',
    'unit:protocol_id_token')
off('times are numbers', 'if (!member->is_number())\n        return errc::claim_invalid;',
    'if (!member->is_number())\n        return nothing_wrong;', 'unit:protocol_id_token')
off('claims that are strings', 'return text ? nothing_wrong : errc::claim_invalid;',
    'return nothing_wrong;', 'unit:protocol_id_token')
off('length of sub', 'return !text.empty() && text.size() <= 255 &&', 'return !text.empty() &&',
    'unit:protocol_id_token unit:protocol_userinfo')
off('control characters in sub', 'return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;', 'return false;',
    'unit:protocol_id_token')
off('typ of a plain JWT', 'return type.empty() || boost::urls::grammar::ci_is_equal(type, "JWT");', 'return true;')

off = mutants('core/openid_registration', 'unit:protocol_id_token')
off('tenants that may sign in', '(!tenants_.empty() && std::find(tenants_.begin(), tenants_.end(), tenant) == '
    'tenants_.end())', 'false')
off('the issuer is that of the tenant', 'token_issuer.substr(before.size(), tenant.size()) == tenant;', 'true;')
off('characters of a tenant', 'if (!usable ||', 'if (', 'unit:core_openid_registration')

# ID token
off = mutants('protocol/id_token_validation', 'unit:protocol_id_token')
off('typ', 'if (!is_plain_jwt(token.type()) || find_logout_event(claims))', 'if (find_logout_event(claims))')
off('a logout token is none', 'if (!is_plain_jwt(token.type()) || find_logout_event(claims))',
    'if (!is_plain_jwt(token.type()))')
off('azp with several audiences', 'if (!party && out.audience.list().size() > 1)', 'if (false)')
off('azp is the client', 'if (party && *party != expected.client_id)', 'if (false)')
off('sub is usable', 'return is_subject(out.subject) ? nothing_wrong : errc::claim_invalid;', 'return nothing_wrong;')
off('exp is there', 'if (!expires || !issued) // ', 'if (!expires)\n        expires = now + instant(60);\n    if (!issued) //')
off('iat is there', 'if (!expires || !issued) // ', 'if (!issued)\n        issued = now;\n    if (!expires) //')
off('exp', 'check_expiry(*expires, now, bounds)', 'check_expiry(now, now, bounds)')
off('iat to come', 'check_past(*issued, now, bounds)', 'check_past(now, now, bounds)')
off('age of iat', 'check_age(*issued, now, bounds.id_token_age, bounds)',
    'check_age(now, now, bounds.id_token_age, bounds)')
off('nbf', 'return check_not_before(claims, now, bounds);', 'return nothing_wrong;')
off('nonce that nobody asked for', 'return absent ? nothing_wrong : errc::nonce_mismatch;', 'return nothing_wrong;')
off('nonce missing', 'return constant_time_equal(nonce, {sent.data(), sent.size()}) ?',
    'return absent || constant_time_equal(nonce, {sent.data(), sent.size()}) ?')
off('nonce is the one that was sent', 'return constant_time_equal(nonce, {sent.data(), sent.size()}) ?',
    'return !absent ?')
off('nonce of a refreshed token', 'return absent || (original && constant_time_equal(nonce, *original)) ?',
    'return true ?')
off('at_hash', 'check_hash(claims, "at_hash", token.hash(), expected.access_token)', 'nothing_wrong')
off('c_hash', 'check_hash(claims, "c_hash", token.hash(), expected.code)', 'nothing_wrong')
off('auth_time to come', 'check_past(*authenticated, now, bounds)', 'check_past(now, now, bounds)')
off('auth_time missing with max_age', '(!authenticated || check_age(', '(authenticated && check_age(')
off('max_age', 'check_age(*authenticated, now, *expected.max_age, bounds)',
    'check_age(now, now, *expected.max_age, bounds)')
off('acr', 'if (!expected.required_acr.empty() && !scope_contains(expected.required_acr, out.authentication_context))',
    'if (false)')
off('a refreshed token has the issuer of the sign-in', 'if (refreshed.issuer != original.issuer())', 'if (false)')
off('its subject', 'if (refreshed.subject != original.subject())', 'if (false)')
off('its audience and no less', 'if (!includes(audience, original.audience()) || ', 'if (')
off('its audience and no more', '|| !includes(original.audience(), audience))', ')')
off('its azp', 'refreshed.authorized_party == original.authorized_party()', 'true')
off('its auth_time', 'if (refreshed.authenticated_at && original.authenticated_at() &&\n'
    '        *refreshed.authenticated_at != *original.authenticated_at())', 'if (false)')
off('it is not older', 'if (refreshed.issued_at < original.issued_at())', 'if (false)')

# Logout
off = mutants('protocol/logout_token_validation', 'unit:protocol_logout_token')
off('event', 'if (!event || !event->is_object())', 'if (event && !event->is_object())')
off('event is an object', 'if (!event || !event->is_object())', 'if (!event)')
off('nonce', 'return claims_.contains("nonce") ? errc::nonce_in_logout_token : nothing_wrong;',
    'return nothing_wrong;')
off('typ', 'if (!is_logout_type(token->type()))', 'if (false)')
off('sub is usable', 'if (subject && !is_subject(*subject))', 'if (false)')
off('sid is not empty', 'if (session && session->empty())', 'if (false)')
off('sub or sid', 'if (!session && (!subject || expected_.registration->logout_session_required()))',
    'if (!session && expected_.registration->logout_session_required())')
off('sid where it is required', 'if (!session && (!subject || expected_.registration->logout_session_required()))',
    'if (!session && !subject)')
off('jti', 'read_required_text(claims_, "jti", token_id)', 'nothing_wrong')
off('iat', 'if (!issued)\n            return errc::claim_missing;', 'if (!issued)\n            issued = now;')
off('iat to come', 'check_past(*issued, now, bounds_)', 'check_past(now, now, bounds_)')
off('exp', 'check_expiry(*expires, now, bounds_)', 'check_expiry(now, now, bounds_)')
off('age without exp', 'check_age(*issued, now, bounds_.logout_token_age, bounds_)',
    'check_age(now, now, bounds_.logout_token_age, bounds_)')
off('nbf', 'return check_not_before(claims_, now, bounds_);', 'return nothing_wrong;')
off('Content-Type of a logout request', 'if (!is_media_type(content_type, "application/x-www-form-urlencoded"))',
    'if (false)')
off('two logout tokens', 'if (found)\n            return errc::duplicate_parameter;', '')
off('no logout token', 'if (token.empty())\n        return errc::malformed_callback;', '')

off = mutants('detail/replay_cache', 'unit:detail_replay_cache')
off('a logout token is used once', 'if (now < known->second->expires)', 'if (false)')
off('limits::logout_tokens', 'order_.size() >= capacity_ || ', '')

off = mutants('protocol/front_channel_logout', 'unit:protocol_front_channel_logout')
off('parameters that occur twice', 'if (place)\n            return errc::duplicate_parameter;', '')
off('iss and sid or none', 'issuer.has_value() != session.has_value() || ', '(issuer && !session) || ')
off('a session where it is required', '(!issuer && expected.session_required)', 'false')
off('iss', 'if (expected.issuer.empty() || *issuer != expected.issuer)', 'if (false)')
off('sid', 'if (expected.session_id.empty() || !constant_time_equal(*session, expected.session_id))', 'if (false)')

off = mutants('protocol/logout_request', 'unit:protocol_logout_request')
off('parameters that the endpoint sets', 'return errc::invalid_configuration;', 'continue;')
off('NUL', 'return errc::invalid_parameter;', 'static_cast<void>(0);')
off('state missing', 'if (!state)\n        return errc::state_missing;', 'if (!state)\n        return {};')
off('state', 'if (expected_state.empty() || !constant_time_equal(state->expose(), expected_state))', 'if (false)')
off('state of a logout that nobody began', 'if (expected_state.empty() || ', 'if (')
off('state twice', 'if (state)\n            return errc::duplicate_parameter;', '')

# Userinfo
off = mutants('protocol/userinfo_response', 'unit:protocol_userinfo')
off('sub is that of the ID token', 'if (!expected.subject.empty() && name != expected.subject)', 'if (false)')
off('sub is there', 'if (!usable && (expected.needs_subject || !is_absent(claims, "sub")))', 'if (false)')
off('a signature that was agreed on',
    'if (!is_signed && expected.registration && expected.registration->userinfo_algorithm())', 'if (false)')
off('Content-Type', 'if (!is_signed && !is_media_type(from.content_type, "application/json"))', 'if (false)')
off('iss', 'if (issuer && *issuer != expected.issuer)', 'if (false)')
off('aud', 'if (!contains_text(audience.list(), expected.client_id))', 'if (false)')
off('typ', 'if (!is_plain_jwt(token.type()) || find_logout_event(claims))', 'if (false)')
off('the algorithm that was agreed on', 'keys.algorithms = *agreed;', 'keys.algorithms = expected.algorithms;')
off('nbf', 'return check_not_before(claims, now, bounds);', 'return nothing_wrong;')

# Token response
off = mutants('protocol/token_response', 'unit:protocol_token_response')
off('Content-Type',
    'if (!expected.tolerated.any_token_content_type && !is_media_type(from.content_type, "application/json"))',
    'if (false)')
off('status', 'if (from.status / 100 != 2)\n        return parse_error_response(from, bounds, expected.tolerated);', '')
off('a success that is no 200', 'if (from.status / 100 != 2)', 'if (from.status != 200)')
off('an error with status 200', 'if (document && has_error(document->object()))\n        return server_error_in',
    'if (false)\n        return server_error_in')
off('a member error without an error', 'return member && !member->is_null() && !(member->is_string() && '
    'member->get_string().empty());', 'return member != nullptr;')
off("words of the server's own", 'scope_contains(tolerated.words_for_invalid_grant, text)', 'false')
off('limits::token_bytes', 'return text && text->size() <= bounds.token_bytes && is_token(*text) ?',
    'return text && is_token(*text) ?')
off('characters of tokens', 'return text && text->size() <= bounds.token_bytes && is_token(*text) ?',
    'return text && text->size() <= bounds.token_bytes && !text->empty() ?')
off('token_type missing', 'if (!token_type)\n', 'if (!token_type)\n        token_type = "Bearer";\n    if (false)\n')
off('token_type', 'if (!boost::urls::grammar::ci_is_equal(*token_type, "bearer"))', 'if (false)')
off('expires_in negative or infinite', 'if (!std::isfinite(seconds) || seconds < 0)', 'if (false)')
off('expires_in clamped', 'std::min(seconds, most)', 'std::min(seconds, 9e9)')
off('limits::scope_bytes', 'granted ? granted->size() > bounds.scope_bytes : ', 'granted ? false : ')
off('scope is a scope', 'if (!scope_set)\n        return fail(errc::malformed_response);',
    'if (!scope_set)\n        return token_set(secret(*access_token), std::string(*token_type), {});')
off('ID token missing', 'if (expected.id_token && !identity)', 'if (false)')
off('characters of refresh tokens', 'if (!token_member(object, "refresh_token", bounds))', 'if (false)')
off('refresh_token of another type', 'return fail(errc::malformed_response);\n    }\n    if (identity)',
    'static_cast<void>(0);\n    }\n    if (identity)')
off('Retry-After is bounded', '|| seconds > 300)', ')')

# JSON
off = mutants('detail/json_document', 'unit:detail_json_document')
off('members that occur twice', 'if (count_members(into->root) != marks.colons)', 'if (false)',
    'unit:detail_json_document unit:protocol_token_response unit:jose_jws')
off('limits::json_nodes', 'if (marks.colons + marks.others >= bounds.json_nodes)', 'if (false)')
off('limits::json_depth', 'options.max_depth = bounds.json_depth;', '')
off('the document is an object', 'if (!into->root.is_object())\n        return errc::malformed_json;',
    'if (!into->root.is_object())\n        into->root.emplace_object();')

# Discovery
off = mutants('protocol/discovery', 'unit:protocol_discovery')
off('issuer', 'if (*name != (tenants ? tenants->issuer_template() : expected.string()))', 'if (false)',
    'unit:protocol_discovery flow:discovery')
off('status', 'if (from.status != 200)\n        return document_error(from, bounds);', '')
off('Content-Type', 'if (!is_media_type(from.content_type, "application/json"))', 'if (false)')
off('endpoints that no request may go to', 'if (!*endpoint)\n            return fail(endpoint->error());',
    'if (!*endpoint)\n            return fail(errc::key_set_unavailable);')
off('http of an https issuer', 'return of.url().is_https() ? endpoint_url::parse(text)',
    'return of.url().is_https() ? endpoint_url::parse(text, insecure::http_to_loopback)')
off('endpoints that every sign-in needs', 'if (authorization->empty() || token->empty())', 'if (false)')
off('types of lists', 'if (!array)\n        return errc::invalid_metadata;', 'if (!array)\n        return out;')
off('types in lists', 'if (!text)\n            return errc::invalid_metadata;', 'if (!text)\n            continue;')
off('type of iss support', '|| (iss_supported && !iss_supported->is_bool())', '')
off('the default of the authentication methods', 'if (methods->empty())', 'if (false)')

# URLs
off = mutants('core/url', 'unit:core_url')
off('userinfo', 'url.has_userinfo() || ', '')
off('hosts of the future', '|| url.host_type() == boost::urls::host_type::ipvfuture)', ')')
off('characters of host names', '(host.empty() || !std::all_of(host.begin(), host.end(), is_host_name_character))',
    'host.empty()')
off('empty hosts', '(host.empty() || ', '(')
off('paths begin with a slash', "if (!path.empty() && !path.starts_with('/'))", 'if (false)')
off('ports', 'return failure == std::errc() && end == digits.data() + digits.size() ? port : std::uint16_t(0);',
    'return url.port_number();')
off('schemes', 'if (url.scheme_id() != boost::urls::scheme::http)\n            return errc::invalid_url;', '')
off('http to loopback only', 'if (!detail::names_loopback(url))\n            return errc::insecure_url;', '')
off('https of endpoints', 'if (url && !url->https_)', 'if (false)')
off('https of issuers', 'if (out && !out->url_.is_https())', 'if (false)')
off('query of issuers', 'if (url->has_query()) // ', 'if (false) // ')
off('redirect URIs: private schemes have a dot',
    "if (detail::to_sv(parsed->scheme()).find('.') == std::string_view::npos)", 'if (false)')
off('redirect URIs: other schemes', 'if (scheme != boost::urls::scheme::http && scheme != boost::urls::scheme::https)',
    'if (false)')
off('redirect URIs: http to loopback only',
    'if (scheme == boost::urls::scheme::http && !detail::names_loopback(*url))', 'if (false)')
off('redirect URIs: authority and port', 'if (!url || detail::port_of(*url, 1) == 0)', 'if (!url)')
off('zones of addresses', "to_sv(parsed->encoded_host()).find('%') != std::string_view::npos", 'false')

off = mutants('redis_settings', 'unit:settings_of_a_redis')
off('zones of addresses of a Redis', "host.find('%') != std::string::npos", 'false')
off('database after a slash', "if (!path.empty() && !path.starts_with('/'))", 'if (false)')

# Client assertions
off = mutants('protocol/client_assertion', 'unit:protocol_client_assertion')
off('an assertion has an audience', 'if (audience.empty())\n            return errc::invalid_configuration;', '')
off('aud is one string', '{"aud", audience}', '{"aud", boost::json::array{audience}}')
off('aud is the issuer', 'claims_.audience.empty() ? context.issuer : claims_.audience',
    'claims_.audience.empty() ? std::string_view("https://as.example/token") : claims_.audience',
    'unit:protocol_client_assertion flow:client_assertions')
off('exp is near', 'constexpr std::chrono::seconds lifetime(60);', 'constexpr std::chrono::seconds lifetime(3600);',
    'unit:protocol_client_assertion flow:client_assertions')
off('jti is of this assertion', 'random_value(bytes).to_string()', '"1"',
    'unit:protocol_client_assertion flow:client_assertions')
off('a random source has to be there', 'if (!context.random)\n                return errc::random_source_failed;',
    'if (!context.random)\n                return secret("x");')
off('and not to fail', 'if (const auto filled = context.random(bytes); !filled)\n                return filled.error();',
    'static_cast<void>(context.random(bytes));', 'unit:protocol_client_assertion flow:client_assertions')
off('the subject is the client', '{"sub", claims_.subject}', '{"sub", claims_.issuer}')
off('a signed client secret names its key',
    'key_.key_id().empty() || team_id_.empty() || audience_.empty()', 'team_id_.empty() || audience_.empty()')
off('and its team', 'key_.key_id().empty() || team_id_.empty() || audience_.empty()',
    'key_.key_id().empty() || audience_.empty()')

# Values in the issuers of providers
off = mutants('providers/description', 'unit:provider_descriptions')
off('characters of a value', "return boost::urls::grammar::alnum_chars(c) || c == '-'", "return c != ' ' || c == '-'")
off('no dot segments', 'text != ".." && ', '')
off('base URLs are URLs', 'issuer::parse(text) && !text.ends_with', '!text.ends_with')
off('and end before the slash', "issuer::parse(text) && !text.ends_with('/')", 'issuer::parse(text).has_value()')
off('no value is left over',
    'if (!detail::all(used))\n        return errc::invalid_parameter;\n    return issuer::parse(*text);',
    'return issuer::parse(*text);')
off('nobody is nobody', 'member->is_string() && !member->get_string().empty()', 'member->is_string()')

# PKCE and the authorization request
off = mutants('protocol/pkce', 'unit:protocol_pkce')
off('shortest code verifier', 'code_verifier.size() < 43 || ', '')
off('longest code verifier', 'code_verifier.size() > 128 ||', '')
off('characters of code verifiers',
    '!std::all_of(code_verifier.begin(), code_verifier.end(), boost::urls::unreserved_chars)', 'false')

off = mutants('protocol/authorization_request', 'unit:protocol_authorization_request')
off('S256', '"code_challenge_method", "S256"', '"code_challenge_method", "plain"',
    'unit:protocol_authorization_request flow:authorization_request')
off('code_challenge', 'append_random("&code_challenge=", code_challenge);', '',
    'unit:protocol_authorization_request flow:authorization_request')
off('state', 'append_random("&state=", state);', '', 'unit:protocol_authorization_request flow:authorization_request')
off('nonce', 'append_random("&nonce=", nonce);', 'static_cast<void>(nonce);')
off('reserved parameters of the endpoint', 'if (contains(reserved_names, name))', 'if (false)')
off('reserved parameters of the caller', 'if (contains(reserved_names, one->name) || ', 'if (')
off('parameters given twice', '(repeated && one->name != "resource")', 'false')
off('parameters that the endpoint sets', 'if (contains(own_names_, one.name))', 'if (false)')
off('NUL in parameters', "one.value.find('\\0') != one.value.npos)", 'false)')
off('scope openid for what needs it',
    'if (!openid && (parameters.max_age || !parameters.acr_values.empty() || demands_acr))', 'if (false)')
off('max_age is not negative', 'if (parameters.max_age && parameters.max_age->count() < 0)', 'if (false)')

# The callback
off = mutants('protocol/form', 'unit:protocol_form')
off('limits::callback_bytes', 'if (text.size() > bounds.callback_bytes)', 'if (false)')
off('limits::callback_parameters', 'if (parameters > bounds.callback_parameters)', 'if (false)')
off('forms in which no more is escaped than a space', "&& text.find('+') == text.npos", '')
off('a form ends where it ends', 'parse_query({terminated.data(), text.size()})', 'parse_query(text)')

off = mutants('protocol/authorization_response', 'unit:protocol_authorization_response flow:callback')
off('parameters that occur twice', 'return errc::duplicate_parameter;', 'continue;')
off('responses of other modes', 'if (found[response] || found[access_token] || found[id_token])', 'if (false)')
off('limits::code_bytes', 'if (found[one]->size() > bounds.code_bytes)', 'if (false)')
off('characters of a response', 'if (!is_visible_or_space(found[one]->expose()))', 'if (false)',
    'unit:protocol_authorization_response')

off = mutants('detail/known_server', 'flow:identity')
off('algorithms that the registration pins', 'out->id_token_algorithms = out->id_token_algorithms & *announced;',
    'out->id_token_algorithms = *announced;')
off('algorithms that the server announces', 'out->id_token_algorithms = out->id_token_algorithms & *announced;', '')

off = mutants('detail/client_core', 'flow:callback')
off('the verifier is not the nonce', 'const random_value verifier = part(2);', 'const random_value verifier = part(1);',
    'flow:sign_in')
off('the nonce is not the state', 'const random_value nonce = part(1);', 'const random_value nonce = part(0);', 'flow:sign_in')
off('the binding is not the state', '.value_or(part(3));', '.value_or(part(0));', 'flow:sign_in')
off('the binding is not the verifier', '.value_or(part(3));', '.value_or(part(2));', 'flow:sign_in')
off('state missing', 'if (!response->state)\n        return errc::state_missing;',
    'if (!response->state)\n        response->state.emplace(binding);')
off('binding missing', 'if (binding.empty())\n        return errc::browser_binding_missing;', '')
off('the response came as was asked for', 'if (login.response_mode() != callback.mode)', 'if (false)')
off('iss differs', 'if (issuer_known && response.issuer && !(server.issuer() == *response.issuer))', 'if (false)')
off('iss missing', 'if (server.sends_issuer_in_response() && !response.issuer)', 'if (false)')
off('errors', 'if (response.error) {', 'if (false) {')
off('code missing', 'if (!response.code || response.code->empty())', 'if (!response.code)')
off('a sign-in of another client', 'if (login.client_tag() != tag_)', 'if (false)', 'flow:stores')
off('a code of another client', 'if (!made(code))', 'if (false)', 'flow:stores')
off('characters of a token in a header field', 'if (token.empty() ||\n        !std::all_of(token.begin(), token.end(), '
    '[](char c) { return c > 0x20 && c <= 0x7e; }))', 'if (token.empty())', 'flow:userinfo')

off = mutants('detail/client_operations', 'flow:callback')
off('origins that get a token', 'if (std::find(resource_origins_.begin(), resource_origins_.end(), '
    'request->url().origin()) ==\n        resource_origins_.end())', 'if (false)', 'flow:resource')

off = mutants('detail/pending_table', 'unit:policy_memory_state_store')
off('the browser is the one that began',
    'return slots_[p].hash == hash && at(slots_[p].of).login.browser_binding().equals(browser_binding);',
    'return slots_[p].hash == hash;', 'unit:detail_pending_table')
off('state differs', 'if (candidate.login.state().equals(state)) {', 'if (true) {',
    'unit:policy_memory_state_store flow:callback')
off('a sign-in takes its time', 'if (now < candidate.expires)\n                return take_out(p);', 'return take_out(p);',
    'unit:policy_memory_state_store flow:callback')
off('a state is used once',
    'result<pending_login> out(std::move(at(slots_[p].of).login));\n    release(p);',
    'const pending_login& kept = at(slots_[p].of).login;\n    result<pending_login> out(pending_login('
    'kept.state(), kept.browser_binding(), kept.nonce(), kept.code_verifier(), kept.client_tag(), '
    'kept.response_mode(), kept.scope(), kept.application_data()));', 'unit:policy_memory_state_store flow:callback')
off('limits::pending_logins', 'size_ >= capacity_ || ', '')
off('limits::pending_logins_per_browser', 'if (of_browser >= per_browser_)', 'if (false)')

off = mutants('protocol/bearer_challenge', 'unit:protocol_bearer_challenge')
off('size of challenges', 'if (value.size() > bytes_left)', 'if (false)')
off('number of challenges', 'if (in_bearer || challenges_left == 0)', 'if (in_bearer)')

# What the client makes of an ID token
off = mutants('detail/identity_check', 'flow:identity')
off('the ID token before', 'expected.previous = previous_.get();', '')
off('max_age of the sign-in', 'expected.max_age = login_.max_age();', '')
off('acr of the sign-in', 'expected.required_acr = login_.required_acr_values();', '')

# Files that programs are configured with
off = mutants('secret_file', 'stores:secret_file')
off('the bound of a file', 'while (have <= most_bytes) {', 'while (true) {')
off('devices', 'if (!S_ISREG(about.st_mode) && !S_ISFIFO(about.st_mode))', 'if (false)')
off('folders', 'if (S_ISDIR(about.st_mode))', 'if (false)')
off('a pipe that is never closed', 'if (left <= milliseconds::zero())\n        return ETIMEDOUT;', '')
off('a pipe without a writer', 'O_RDONLY | O_NONBLOCK | O_NOCTTY', 'O_RDONLY | O_NOCTTY')
off('a writer that takes its time', 'if (errno != EAGAIN)', 'if (true)')
off('a path with a NUL', "if (path.find('\\0') != path.npos)", 'if (false)')
off = mutants('detail/https/tls_context', 'network:verification')
off('the size of a file of authorities', 'constexpr std::size_t most_bytes = 1024 * 1024;',
    'constexpr std::size_t most_bytes = 1024 * 1025;')
