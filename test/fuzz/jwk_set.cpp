// A key set.
#include "fuzz.hpp"

#include <coauth/jose/jwk_set.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const coauth::limits bounds;
    const auto keys = coauth::jwk_set::parse(fuzz::text(data, size), bounds);
    fuzz::check_error_queue();
    if (!keys) {
        fuzz::check_error(keys.error());
        return 0;
    }
    fuzz::require(keys->size() <= bounds.key_set_keys, "limits::key_set_keys");
    std::size_t found = 0;
    for (int i = 0; i <= static_cast<int>(coauth::signing_algorithm::eddsa); ++i) {
        const auto algorithm = static_cast<coauth::signing_algorithm>(i);
        for (const std::optional<std::string_view>& key_id :
             {std::optional<std::string_view>(), std::optional<std::string_view>("1"),
              std::optional<std::string_view>("")}) {
            const auto key = keys->find(algorithm, key_id);
            if (key)
                fuzz::require(*key != nullptr, "a key is one");
            else
                fuzz::check_error(key.error());
            found += key.has_value();
        }
    }
    fuzz::require(found == 0 || keys->size() > 0, "no key comes from nothing");
    fuzz::check_error_queue();
    return 0;
}
