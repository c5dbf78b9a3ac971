// The least that a million deadlines can cost: a hierarchical wheel of 4 x 256 lists, linked by index.
#ifndef COAUTH_BENCH_FLOOR_TIMER_WHEEL_HPP
#define COAUTH_BENCH_FLOOR_TIMER_WHEEL_HPP

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench::floor {

class timer_wheel {
public:
    explicit timer_wheel(std::uint32_t entries) : nodes_(lists + entries)
    {
        for (std::uint32_t i = 0; i < lists; ++i)
            nodes_[i] = {i, i, 0};
    }

    void insert(std::uint32_t entry, std::uint32_t due)
    {
        const auto level = (static_cast<std::uint32_t>(std::bit_width((due - now_) | 1)) - 1) / 8;
        const std::uint32_t list = level * 256 + ((due >> (8 * level)) & 255);
        const std::uint32_t place = lists + entry;
        const std::uint32_t next = nodes_[list].next;
        nodes_[place] = {list, next, due};
        nodes_[next].previous = place;
        nodes_[list].next = place;
    }

    void cancel(std::uint32_t entry)
    {
        const node& removed = nodes_[lists + entry];
        nodes_[removed.previous].next = removed.next;
        nodes_[removed.next].previous = removed.previous;
    }

private:
    static constexpr std::uint32_t lists = 4 * 256;
    struct node {
        std::uint32_t previous;
        std::uint32_t next;
        std::uint32_t due;
    };
    std::vector<node> nodes_;
    std::uint32_t now_ = 0;
};

} // namespace bench::floor

#endif
