#ifndef COAUTH_IMPL_DETAIL_TIMER_WHEEL_IPP
#define COAUTH_IMPL_DETAIL_TIMER_WHEEL_IPP

#include <coauth/detail/timer_wheel.hpp>

#include <algorithm>
#include <utility>

namespace coauth::inline COAUTH_MODE::detail {

COAUTH_DECL void timer_wheel::grow(index entry)
{
    // So that each is moved a few times at most.
    const std::size_t larger =
        std::max<std::size_t>({std::size_t(entry) + 1, capacity_ + capacity_ / std::size_t(2), 1024});
    const auto capacity = static_cast<index>(std::min<std::size_t>(larger, none - first_entry));
    auto nodes = std::make_unique_for_overwrite<node[]>(std::size_t(first_entry) + capacity);
    index made = 0;
    if (nodes_)
        made = static_cast<index>(std::copy_n(&nodes_[0], first_entry + capacity_, &nodes[0]) - &nodes[0]);
    for (; made < first_entry; ++made) // empty lists lead to themselves
        nodes[made] = node{made, made, 0};
    for (; made < first_entry + capacity; ++made)
        nodes[made] = node{none, none, 0};
    nodes_ = std::move(nodes);
    capacity_ = capacity;
}

COAUTH_DECL void timer_wheel::advance(tick to)
{
    while (now_ < to) {
        const auto step = next();
        if (!step || *step > to) {
            now_ = to;
            break;
        }
        now_ = *step;
        // From the coarsest: what comes out of a slot can belong into a finer one that is emptied next.
        for (index level = levels; level-- > 0;)
            if (level == 0 || now_ % (tick(1) << 8 * level) == 0)
                spread(level * slots + (now_ >> 8 * level) % slots);
    }
}

/// Empties a slot whose time has come. What is in it is now due in less than a turn of the next finer ones.
COAUTH_DECL void timer_wheel::spread(index list) noexcept
{
    while (at(list).next != list) {
        const index place = at(list).next;
        unlink(place);
        add(place);
    }
}

COAUTH_DECL std::optional<timer_wheel::tick> timer_wheel::next() const noexcept
{
    std::optional<tick> earliest;
    for (index level = 0; level < levels; ++level) {
        const tick here = now_ >> 8 * level;
        // The slots after this one, and at last this one: a whole turn from now.
        for (index passed = 0; passed < slots;) {
            const index slot = (here + 1 + passed) % slots;
            const std::uint64_t rest = occupied_[level][slot / 64] >> slot % 64;
            if (rest == 0) {
                passed += 64 - slot % 64;
                continue;
            }
            passed += static_cast<index>(std::countr_zero(rest));
            if (passed >= slots)
                break;
            const std::uint64_t when = (std::uint64_t(here) + 1 + passed) << 8 * level;
            if (when <= UINT32_MAX && (!earliest || when < *earliest))
                earliest = static_cast<tick>(when);
            break;
        }
    }
    return earliest;
}

} // namespace coauth::inline COAUTH_MODE::detail

#endif
