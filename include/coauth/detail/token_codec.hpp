// Floor 3. Tokens at rest.
#ifndef COAUTH_DETAIL_TOKEN_CODEC_HPP
#define COAUTH_DETAIL_TOKEN_CODEC_HPP

#include <coauth/core/result.hpp>
#include <coauth/core/secret.hpp>
#include <coauth/core/token_set.hpp>
#include <coauth/detail/seal.hpp>
#include <coauth/policy/seal_key_ring.hpp>

#include <string_view>

namespace coauth::inline COAUTH_MODE::detail {

/** All of a token set as bytes: also the verified ID token, and that of the sign-in if a refresh replaced it. */
COAUTH_DECL secure_bytes encode_tokens(const token_set& tokens);

/** What encode_tokens() wrote.

    A verified_id_token comes into being without its signature being verified again. It takes an opened seal, as that
    is what vouches for it now.

    @par Errors errc::seal_broken: of a version that is not known here, or not from encode_tokens() at all
*/
COAUTH_DECL result<token_set> decode_tokens(const opened_seal& opened);

/** Seal tokens for a store.

    @param store_label tells kinds of stores apart
    @param owner whose tokens these are: the issuer, or what else the store is for
    @param key of the grant
    @par Errors those of seal()
*/
COAUTH_DECL result<secure_bytes> seal_tokens(const seal_key_ring& ring, const token_set& tokens,
                                             std::string_view store_label, std::string_view owner,
                                             std::string_view key);

/** Open what seal_tokens() made for the same store, owner and key.
    @par Errors errc::seal_broken
*/
COAUTH_DECL result<token_set> open_tokens(const seal_key_ring& ring, std::string_view sealed,
                                          std::string_view store_label, std::string_view owner,
                                          std::string_view key);

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/token_codec.ipp>
#endif

#endif
