// The least that pending sign-ins can cost: records of one size in a slab, found by an open-addressed table of 64-bit
// slots, in a ring that knows the oldest. TTL, a cap in all and one per browser, wiping, and a lock are all there.
#ifndef COAUTH_BENCH_FLOOR_PENDING_SLAB_HPP
#define COAUTH_BENCH_FLOOR_PENDING_SLAB_HPP

#include <openssl/crypto.h>

#include <bit>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace bench::floor {

/// State, browser binding, nonce and verifier, as one call of the random source makes them.
struct sign_in_values {
    unsigned char state[32];
    unsigned char binding[32];
    unsigned char nonce[32];
    unsigned char verifier[32];
};

class pending_slab {
public:
    pending_slab(std::size_t capacity, std::size_t per_browser, std::chrono::nanoseconds lifetime)
        : capacity_(static_cast<std::uint32_t>(capacity)), per_browser_(per_browser), lifetime_(lifetime)
    {
        slots_.assign(std::bit_ceil(capacity + capacity / 2 + 1), 0); // one is always empty
        order_.resize(std::bit_ceil(capacity + capacity / 4));
        records_.reserve(capacity);
    }

    void put(const sign_in_values& values, std::string_view scope)
    {
        const std::chrono::nanoseconds now = std::chrono::steady_clock::now().time_since_epoch();
        const std::lock_guard lock(mutex_);
        make_room(now);
        const std::uint32_t hash = hash_of(values.binding);
        std::size_t place = hash & mask();
        std::size_t of_browser = 0;
        for (; slots_[place] != 0; place = (place + 1) & mask())
            if (tag(place) == hash && same(at(place).values.binding, values.binding))
                ++of_browser;
        if (of_browser >= per_browser_) {
            remove_oldest_of(hash, values.binding);
            for (place = hash & mask(); slots_[place] != 0;)
                place = (place + 1) & mask();
        }
        std::uint32_t index;
        if (free_ != none) {
            index = free_;
            free_ = records_[index].next_free;
        } else {
            index = static_cast<std::uint32_t>(records_.size());
            records_.emplace_back();
        }
        record& added = records_[index];
        added.values = values;
        added.expires = now + lifetime_;
        added.scope = intern(scope);
        slots_[place] = std::uint64_t(hash) << 32 | (index + 1);
        if (order_end_ - order_begin_ == order_.size())
            tidy_order();
        order_[order_end_++ & (order_.size() - 1)] = {index, added.generation};
        ++size_;
    }

    bool take(const unsigned char* binding, const unsigned char* state, sign_in_values& out,
              std::string_view& scope)
    {
        const std::chrono::nanoseconds now = std::chrono::steady_clock::now().time_since_epoch();
        const std::lock_guard lock(mutex_);
        const std::uint32_t hash = hash_of(binding);
        for (std::size_t place = hash & mask(); slots_[place] != 0; place = (place + 1) & mask()) {
            if (tag(place) != hash)
                continue;
            const record& found = at(place);
            if (!same(found.values.binding, binding) || !same(found.values.state, state))
                continue;
            const bool expired = now >= found.expires;
            out = found.values;
            scope = scopes_[found.scope];
            remove(place);
            return !expired;
        }
        return false;
    }

    std::size_t size() const { return size_; }

private:
    static constexpr std::uint32_t none = UINT32_MAX;

    struct record {
        sign_in_values values;
        std::chrono::nanoseconds expires{};
        std::uint32_t generation = 0;
        std::uint32_t next_free = none;
        std::uint16_t scope = 0;
    };
    struct arrival {
        std::uint32_t index;
        std::uint32_t generation;
    };

    std::size_t mask() const { return slots_.size() - 1; }
    std::uint32_t tag(std::size_t place) const { return static_cast<std::uint32_t>(slots_[place] >> 32); }
    record& at(std::size_t place) { return records_[static_cast<std::uint32_t>(slots_[place]) - 1]; }
    static bool same(const unsigned char* left, const unsigned char* right)
    {
        return CRYPTO_memcmp(left, right, 32) == 0;
    }
    // Multiplied by an odd number that would be random in earnest, as browsers choose what they send.
    static std::uint32_t hash_of(const unsigned char* binding)
    {
        std::uint64_t prefix;
        std::memcpy(&prefix, binding, sizeof prefix);
        return static_cast<std::uint32_t>((prefix * 0x9e3779b97f4a7c15) >> 32);
    }

    void make_room(std::chrono::nanoseconds now)
    {
        while (order_begin_ != order_end_) {
            const arrival oldest = order_[order_begin_ & (order_.size() - 1)];
            const record& candidate = records_[oldest.index];
            if (candidate.generation == oldest.generation) {
                if (size_ < capacity_ && now < candidate.expires)
                    return;
                remove(place_of(oldest.index));
            }
            ++order_begin_;
        }
    }

    std::size_t place_of(std::uint32_t index) const
    {
        std::size_t place = hash_of(records_[index].values.binding) & mask();
        while (static_cast<std::uint32_t>(slots_[place]) != index + 1)
            place = (place + 1) & mask();
        return place;
    }

    void remove_oldest_of(std::uint32_t hash, const unsigned char* binding)
    {
        std::size_t oldest = slots_.size();
        for (std::size_t place = hash & mask(); slots_[place] != 0; place = (place + 1) & mask())
            if (tag(place) == hash && same(at(place).values.binding, binding) &&
                (oldest == slots_.size() || at(place).expires < at(oldest).expires))
                oldest = place;
        remove(oldest);
    }

    void remove(std::size_t place)
    {
        const std::uint32_t index = static_cast<std::uint32_t>(slots_[place]) - 1;
        record& removed = records_[index];
        OPENSSL_cleanse(&removed.values, sizeof removed.values);
        ++removed.generation;
        removed.next_free = free_;
        free_ = index;
        --size_;
        // Whoever was pushed on by this one moves back.
        for (std::size_t next = (place + 1) & mask(); slots_[next] != 0; next = (next + 1) & mask()) {
            const std::size_t home = tag(next) & mask();
            if (((next - home) & mask()) >= ((next - place) & mask())) {
                slots_[place] = slots_[next];
                place = next;
            }
        }
        slots_[place] = 0;
    }

    void tidy_order()
    {
        std::size_t kept = order_begin_;
        for (std::size_t i = order_begin_; i != order_end_; ++i) {
            const arrival one = order_[i & (order_.size() - 1)];
            if (records_[one.index].generation == one.generation)
                order_[kept++ & (order_.size() - 1)] = one;
        }
        order_end_ = kept;
    }

    std::uint16_t intern(std::string_view scope)
    {
        for (std::size_t i = scopes_.size(); i-- != 0;)
            if (scopes_[i] == scope)
                return static_cast<std::uint16_t>(i);
        scopes_.emplace_back(scope);
        return static_cast<std::uint16_t>(scopes_.size() - 1);
    }

    std::mutex mutex_;
    std::vector<std::uint64_t> slots_; // of each: the hash, and one more than the index
    std::vector<record> records_;
    std::vector<arrival> order_;
    std::vector<std::string> scopes_;
    std::size_t order_begin_ = 0;
    std::size_t order_end_ = 0;
    std::uint32_t free_ = none;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_;
    std::size_t per_browser_;
    std::chrono::nanoseconds lifetime_;
};

} // namespace bench::floor

#endif
