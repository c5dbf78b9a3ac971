#ifndef COAUTH_IMPL_DETAIL_PENDING_TABLE_IPP
#define COAUTH_IMPL_DETAIL_PENDING_TABLE_IPP

#include <coauth/detail/pending_table.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

/// Ask for memory that is needed soon: with a million records most of the time goes into waiting for it.
template <class T>
void prefetch([[maybe_unused]] const T* object) noexcept
{
#ifdef __GNUC__
    for (std::size_t i = 0; i < sizeof(T); i += 64)
        __builtin_prefetch(reinterpret_cast<const char*>(object) + i);
#endif
}

COAUTH_DECL bool pending_table::is_of(place p, std::uint32_t hash,
                                      const random_value& browser_binding) noexcept
{
    return slots_[p].hash == hash && at(slots_[p].of).login.browser_binding().equals(browser_binding);
}

COAUTH_DECL void pending_table::put(std::uint32_t hash, pending_login&& login, time_point now,
                                    time_point expires)
{
    if (capacity_ == 0 || per_browser_ == 0)
        return;
    if (!slots_.empty())
        prefetch(&slots_[first(hash)]);
    if (unused_ != none)
        prefetch(&at(unused_));
    make_room(now);
    reserve_one(); // whatever throws does it here
    make_room_of_browser(hash, login.browser_binding());
    index i = unused_;
    if (i == none)
        i = made_++;
    else
        unused_ = at(i).hash;
    place p = first(hash);
    while (slots_[p].of != none)
        p = next(p);
    slots_[p] = slot{hash, i};
    arrivals_[(arrivals_begin_ + arrivals_size_++) & (arrivals_.size() - 1)] = arrived{i, next_arrival_};
    record& added = at(i);
    added.login = std::move(login);
    added.expires = std::max(expires, unused + time_point(1));
    added.hash = hash;
    added.arrival = next_arrival_++;
    ++size_;
}

COAUTH_DECL result<pending_login> pending_table::take(std::uint32_t hash, const random_value& browser_binding,
                                                      const random_value& state, time_point now)
{
    if (size_ == 0)
        return errc::unknown_transaction;
    bool browser_known = false;
    for (place p = first(hash); slots_[p].of != none; p = next(p)) {
        if (slots_[p].hash == hash)
            prefetch(&at(slots_[p].of));
        if (!is_of(p, hash, browser_binding))
            continue;
        record& candidate = at(slots_[p].of);
        if (candidate.login.state().equals(state)) {
            if (now < candidate.expires)
                return take_out(p);
            release(p);
            return errc::expired_transaction;
        }
        browser_known = browser_known || now < candidate.expires;
    }
    return browser_known ? errc::state_mismatch : errc::unknown_transaction;
}

/// A function of its own, so that the sign-in is moved once.
COAUTH_DECL result<pending_login> pending_table::take_out(place p)
{
    result<pending_login> out(std::move(at(slots_[p].of).login));
    release(p);
    return out;
}

COAUTH_DECL void pending_table::make_room(time_point now) noexcept
{
    // What expired is kept for a while, so that a late callback can be told what happened.
    constexpr std::chrono::minutes grace{5};
    if (size_ < capacity_ && now - grace < oldest_expires_)
        return;
    for (; arrivals_size_ != 0; --arrivals_size_, ++arrivals_begin_) {
        const arrived oldest = arrivals_[arrivals_begin_ & (arrivals_.size() - 1)];
        const record& candidate = at(oldest.of);
        if (candidate.expires == unused || candidate.arrival != oldest.arrival)
            continue; // it was taken
        oldest_expires_ = candidate.expires;
        if (!(size_ >= capacity_ || now - grace >= candidate.expires))
            return;
        place p = first(candidate.hash);
        while (slots_[p].of != oldest.of)
            p = next(p);
        release(p);
    }
}

COAUTH_DECL void pending_table::make_room_of_browser(std::uint32_t hash,
                                                     const random_value& browser_binding) noexcept
{
    std::size_t of_browser = 0;
    std::uint32_t longest = 0;
    place oldest = 0;
    for (place p = first(hash); slots_[p].of != none; p = next(p)) {
        if (!is_of(p, hash, browser_binding))
            continue;
        ++of_browser;
        const std::uint32_t since = next_arrival_ - at(slots_[p].of).arrival; // its counter may wrap
        if (since > longest) {
            longest = since;
            oldest = p;
        }
    }
    if (of_browser >= per_browser_)
        release(oldest);
}

COAUTH_DECL void pending_table::reserve_one()
{
    if (size_ >= slots_.size() / 4 * 3)
        grow_slots();
    if (arrivals_size_ == arrivals_.size())
        tidy_arrivals();
    if (unused_ == none && made_ == blocks_.size() * block_size)
        blocks_.push_back(std::make_unique<record[]>(block_size));
}

COAUTH_DECL void pending_table::grow_slots()
{
    std::vector<slot> smaller(slots_.empty() ? 16 : slots_.size() * 2);
    slots_.swap(smaller);
    for (const slot& one : smaller) {
        if (one.of == none)
            continue;
        place p = first(one.hash);
        while (slots_[p].of != none)
            p = next(p);
        slots_[p] = one;
    }
}

COAUTH_DECL void pending_table::tidy_arrivals()
{
    // What was taken is thrown out only if that makes much room: each is looked at a few times at most.
    const std::size_t before = arrivals_.size();
    std::vector<arrived> larger;
    if (size_ >= before / 4 * 3)
        larger.resize(before == 0 ? 16 : before * 2);
    std::vector<arrived>& to = larger.empty() ? arrivals_ : larger;
    std::size_t kept = 0;
    const std::size_t begin = larger.empty() ? arrivals_begin_ : 0;
    for (std::size_t i = 0; i < arrivals_size_; ++i) {
        const arrived one = arrivals_[(arrivals_begin_ + i) & (before - 1)];
        const record& candidate = at(one.of);
        if (candidate.expires != unused && candidate.arrival == one.arrival)
            to[(begin + kept++) & (to.size() - 1)] = one;
    }
    if (!larger.empty())
        arrivals_.swap(larger);
    arrivals_begin_ = begin;
    arrivals_size_ = kept;
}

COAUTH_DECL void pending_table::release(place p) noexcept
{
    const index i = slots_[p].of;
    record& removed = at(i);
    std::destroy_at(&removed.login); // wiped here, not when the place is used again
    std::construct_at(&removed.login);
    removed.expires = unused;
    if (arrivals_[arrivals_begin_ & (arrivals_.size() - 1)].arrival == removed.arrival)
        oldest_expires_ = unused; // to be found out
    removed.hash = std::exchange(unused_, i);
    --size_;
    // Those who stand further on than they would have to move up, so that no search ends too early.
    for (place from = next(p); slots_[from].of != none; from = next(from)) {
        const std::size_t mask = slots_.size() - 1;
        if (((from - first(slots_[from].hash)) & mask) >= ((from - p) & mask)) {
            slots_[p] = slots_[from];
            p = from;
        }
    }
    slots_[p] = slot();
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
