"""Checks of seals, and of the stores that keep tokens and sign-ins, switched off; see mutants.py."""
from mutants import mutants

off = mutants('detail/seal', 'stores:detail_seal')
off('the tag', 'EVP_CipherFinal_ex(context.get(), seal_access::octets(out.data()) + written, &rest) != 1)', 'false)',
    'stores:detail_seal stores:sealed_cookies flow:sealed_logins')
off('what it is bound to', 'static_cast<int>(bound.size())', '0', 'stores:detail_seal stores:sealed_cookies')
off('nonces differ', 'openssl_random_source::fill(nonce);', '(nonce.fill(7), result<void>());')
off('size of what is sealed', 'content.size() > largest_sealed || ', '')

off = mutants('policy/seal_key_ring', 'stores:policy_seal_key_ring')
off('a key twice', 'if (other.identifier == *identifier)', 'if (false)')
off('number of keys', ' || keys.size() > most_keys', '')
off('size of a file of keys', 'constexpr std::size_t most_bytes = 1024 * 1024;',
    'constexpr std::size_t most_bytes = 1024 * 1025;')
off('lines that are no keys', 'if (!key)\n            return errc::invalid_configuration;\n        keys.push_back(*key);',
    'if (key)\n            keys.push_back(*key);')

off = mutants('detail/sealed_text', 'stores:sealed_cookies')
off('cookies expire', 'if (now.count() >= static_cast<std::int64_t>(byte_reader(expiry).number()))', 'if (false)',
    'stores:sealed_cookies flow:sealed_logins')
off('size of a cookie that is sealed',
    ' ||\n        base64url_encoded_size(sealed_text_expiry_size + seal_overhead + content.size()) > most_characters', '',
    'stores:sealed_cookies flow:sealed_logins')
off('size of a cookie that is opened', 'text.size() > most_characters ||\n        ', '')

off = mutants('policy/sealed_state_store', 'flow:sealed_logins')
off('the state that a cookie is for', 'if (!login->state().equals(state))', 'if (false)')
off('a cookie is used once here', 'if (!spent_.insert(', 'if (false && !spent_.insert(')

off = mutants('detail/token_codec', 'stores:detail_token_codec')
off('version of tokens', 'version != token_encoding_version || ', '')
off('flags of tokens that are not known', ' || (flags & ~all_token_flags) != 0', '')
off('length of tokens', '!in.complete() || ', '')
off('the ID token of the sign-in', 'person->sign_in = std::move(sign_in);', '')

off = mutants('detail/private_file', 'stores:policy_file_token_store')
off('a file is a file', 'S_ISREG(about.st_mode) && ', '')
off('a file has one name', ' && about.st_nlink == 1', '')
off('others cannot read a file', '(about.st_mode & (S_IRWXG | S_IRWXO)) == 0', 'true')
off('others cannot write to a directory', ' || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0', '')
off('links to a file', 'O_RDONLY | O_NOFOLLOW', 'O_RDONLY')
off('links to a lock', 'O_RDWR | O_CREAT | O_NOFOLLOW', 'O_RDWR | O_CREAT')
off('what lies where a new file is to be',
    'if (::unlinkat(directory->get(), temporary.c_str(), 0) != 0 && errno != ENOENT)\n        return open_failure(errno);',
    '')
off('a lock keeps others out', 'while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {', 'while (false) {')
off('size of a file that is read', '||\n        static_cast<std::size_t>(about.st_size) > most_bytes_', '')
off('size of a file that is written', 'if (content.size() > most_bytes_)', 'if (false)')
off('rights of a new file', 'S_IRUSR | S_IWUSR));\n    if (!file)\n        return open_failure(errno);\n    if (!write_all',
    '0644));\n    if (!file)\n        return open_failure(errno);\n    if (!write_all')

# The rules of leases, which the contract test kit knows.
off = mutants('detail/kept_grant', 'checks:testing_check_token_store/memory_token_store')
off('one lease', 'if (left > left.zero())\n            return lease(', 'if (false)\n            return lease(')
off('a refresh token is sent once', 'if (refreshes_.sent > tries)', 'if (false)')
off('renewal by the owner', 'if (!owned_by(owner))\n        return errc::lease_lost;\n    grant_lease', 'grant_lease')
off('beginning by the owner', '!owned_by(owner) || remaining(now)', 'remaining(now)')
off('beginning in time', 'remaining(now) == time_point::zero() || ', '')
off('beginning of this generation', ' || generation != generation_)\n        return errc::lease_lost;\n    if (!refreshes_.sender',
    ')\n        return errc::lease_lost;\n    if (!refreshes_.sender')
off('each owner counts once', 'if (!refreshes_.sender || !refreshes_.sender->equals(owner)) {', 'if (true) {')
off('repeated completion', 'if (refreshes_.refreshed_by &&', 'if (false && refreshes_.refreshed_by &&')
off('fencing by generation', 'if (generation != generation_ || !refreshes_.sender', 'if (!refreshes_.sender')
off('fencing by owner', ' || !refreshes_.sender->equals(owner))\n        return errc::lease_lost;\n    tokens_',
    ')\n        return errc::lease_lost;\n    tokens_')
off('release by the owner', 'if (!owned_by(owner))\n        return;', '')
off('release takes back', '--refreshes_.sent;', '')
off('a clock that begins anew', ' && left <= refreshes_.lease_duration', '', 'stores:policy_memory_token_store')
