// Floor 1. Millions of deadlines, for one timer.
#ifndef COAUTH_DETAIL_TIMER_WHEEL_HPP
#define COAUTH_DETAIL_TIMER_WHEEL_HPP

#include <coauth/detail/config.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace coauth::inline COAUTH_MODE::detail {

/** A hierarchical timing wheel of 4 x 256 slots (Varghese and Lauck, scheme 7).

    Entries are numbers, small ones, of the caller's choice; each is in the wheel at most once. insert() and cancel()
    take constant time. Time is counted in ticks from 0 to 2^32 - 1, and moved on by advance(). 12 to 18 bytes for
    each number up to the largest one that was used, and 12 KiB.

    @par Thread safety Unsafe.
*/
class timer_wheel {
public:
    using index = std::uint32_t;
    using tick = std::uint32_t;
    static constexpr index none = UINT32_MAX;

    /// So that insert() of this entry needs no memory.
    void reserve(index entry)
    {
        if (entry >= capacity_)
            grow(entry);
    }

    /** Let an entry be due at some time; what is past is due at once.
        Precondition: it is not in the wheel. */
    void insert(index entry, tick due)
    {
        reserve(entry);
        const index place = entry + first_entry;
        at(place).due = due;
        add(place);
        ++size_;
    }

    /** Take an entry out. @return whether it was in the wheel, due or not */
    bool cancel(index entry) noexcept
    {
        if (entry >= capacity_)
            return false;
        const index place = entry + first_entry;
        if (at(place).next == none)
            return false;
        unlink(place);
        --size_;
        return true;
    }

    /** Move time on; it does not go back. Entries become due in the order of their ticks. */
    COAUTH_DECL void advance(tick to);

    /** Take out the entry that became due first. @return `none` if there is none */
    index pop_due() noexcept
    {
        if (size_ == 0)
            return none;
        const index place = at(due_list).next;
        if (place == due_list)
            return none;
        unlink(place);
        --size_;
        return place - first_entry;
    }

    /** The tick of the entry that pop_due() takes next. No value: none is due. */
    std::optional<tick> first_due() const noexcept
    {
        if (size_ == 0 || at(due_list).next == due_list)
            return std::nullopt;
        return at(at(due_list).next).due;
    }

    /** When to advance() next, at the latest: earlier than the next entry is due, or just then. No value: there
        are no entries that are not due. */
    COAUTH_DECL std::optional<tick> next() const noexcept;

    tick now() const noexcept { return now_; }
    /// Of entries, due ones included.
    std::size_t size() const noexcept { return size_; }

private:
    struct node {
        index previous;
        index next; // none: not in the wheel
        tick due;
    };
    static constexpr index slots = 256;
    static constexpr index levels = 4;
    static constexpr index due_list = slots * levels; // after the lists of the slots
    static constexpr index first_entry = due_list + 1;

    // All in one block: with a million entries, each step through a table of blocks shows.
    node& at(index place) noexcept { return nodes_[place]; }
    const node& at(index place) const noexcept { return nodes_[place]; }

    void add(index place) noexcept
    {
        const tick due = at(place).due;
        const tick left = due - now_;
        if (due <= now_) {
            append(due_list, place);
            return;
        }
        const auto level = (static_cast<index>(std::bit_width(left)) - 1) / 8;
        const index slot = (due >> (8 * level)) % slots;
        occupied_[level][slot / 64] |= std::uint64_t(1) << slot % 64;
        append(level * slots + slot, place);
    }

    void append(index list, index place) noexcept
    {
        node& head = at(list);
        node& added = at(place);
        added.next = list;
        added.previous = head.previous;
        at(head.previous).next = place;
        head.previous = place;
    }

    void unlink(index place) noexcept
    {
        node& removed = at(place);
        at(removed.previous).next = removed.next;
        at(removed.next).previous = removed.previous;
        if (removed.previous == removed.next && removed.next < due_list)
            occupied_[removed.next / slots][removed.next % slots / 64] &=
                ~(std::uint64_t(1) << removed.next % 64);
        removed.next = none;
    }

    COAUTH_DECL void grow(index entry);
    COAUTH_DECL void spread(index list) noexcept;

    std::unique_ptr<node[]> nodes_;
    std::array<std::array<std::uint64_t, slots / 64>, levels> occupied_{};
    index capacity_ = 0;
    tick now_ = 0;
    std::size_t size_ = 0;
};

} // namespace coauth::inline COAUTH_MODE::detail

#ifndef COAUTH_SEPARATE_COMPILATION
#include <coauth/impl/detail/timer_wheel.ipp>
#endif

#endif
