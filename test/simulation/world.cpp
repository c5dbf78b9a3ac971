#include "world.hpp"

#include <cstdio>
#include <stdexcept>
#include <utility>

namespace coauth_test::simulation {
namespace {

std::chrono::system_clock::time_point beginning() { return std::chrono::sys_days{std::chrono::days(20'000)}; }

} // namespace

process::process(world& in, unsigned number, unsigned start)
    : world_(in),
      name_("p" + std::to_string(number) + "." + std::to_string(start)),
      number_(number),
      origin_(in.chance().between(duration(0), duration(std::chrono::hours(24 * 300)))),
      context_(std::make_unique<asio::io_context>(1))
{
}

process::~process()
{
    // What it waits for counts as work of the context.
    waits_.clear();
}

duration process::steady() const noexcept { return origin_ + world_.now() - stood_still_; }

std::chrono::system_clock::time_point process::wall() const noexcept
{
    return beginning() +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(world_.now() + wall_error_);
}

void process::crash(const std::function<void()>& before, const std::function<void()>& after)
{
    // Destructors may begin to wait for more.
    const auto drop_waits = [this] {
        while (!waits_.empty())
            std::exchange(waits_, {}).clear();
    };
    drop_waits();
    before();
    drop_waits();
    context_.reset();
    after();
    drop_waits();
}

void process::suspend(duration until, bool steady_clock_stops)
{
    if (steady_clock_stops)
        stood_still_ += until - world_.now();
    suspended_until_ = until;
}

void process::poll()
{
    if (!context_)
        return;
    constexpr unsigned plenty = 100'000;
    context_->restart();
    for (unsigned done = 0; context_->poll_one() != 0; ++done) {
        if (done == plenty)
            throw std::logic_error(name_ + " spins at " + std::to_string(world_.now().count()) + " ns");
    }
}

bool process::idle()
{
    poll();
    return waits_.empty() && context_->stopped();
}

std::uint64_t process::enlist(std::shared_ptr<waiting> what)
{
    waits_.emplace(++tickets_, std::move(what));
    return tickets_;
}

std::shared_ptr<waiting> process::take(std::uint64_t ticket)
{
    const auto found = waits_.find(ticket);
    if (found == waits_.end())
        return nullptr;
    auto taken = std::move(found->second);
    waits_.erase(found);
    return taken;
}

world::world(std::uint64_t seed, tracing how) : random_(seed), tracing_(how)
{
    if (std::exchange(current_, this))
        throw std::logic_error("one world at a time");
}

world::~world() { current_ = nullptr; }

void world::in(duration delay, process_ptr whom, std::function<void()> action)
{
    events_.push({now_ + delay, ++sequence_, std::move(whom),
                  std::make_shared<std::function<void()>>(std::move(action))});
}

void world::run(const process_ptr& whom, const std::function<void()>& action)
{
    const process_ptr before = std::exchange(running_, whom);
    action();
    if (!before)
        whom->poll();
    running_ = before;
}

bool world::step()
{
    if (events_.empty())
        return false;
    event next = events_.top();
    events_.pop();
    now_ = next.at;
    ++steps_;
    if (!next.whom) {
        (*next.action)();
    } else if (next.whom->alive()) {
        if (next.whom->suspended_until() > now_) {
            next.at = next.whom->suspended_until();
            next.sequence = ++sequence_;
            events_.push(std::move(next));
        } else {
            run(next.whom, *next.action);
        }
    }
    return true;
}

void world::violation(std::string what)
{
    say("VIOLATION: ", what);
    if (violated_.empty())
        violated_ = std::move(what);
}

std::string world::text(duration time)
{
    char out[32];
    std::snprintf(out, sizeof out, "%.3f s", std::chrono::duration<double>(time).count());
    return out;
}

void world::print(std::initializer_list<std::string> words)
{
    char when[32];
    std::snprintf(when, sizeof when, "%12.6f ", std::chrono::duration<double>(now_).count());
    std::string line = when;
    line += running_ ? running_->name() : std::string("    ");
    for (line += ' '; const std::string& word : words)
        line += word;
    for (const char each : line)
        digest_ = (digest_ ^ static_cast<unsigned char>(each)) * 0x100'0000'01b3u; // FNV-1a
    if (tracing_ == tracing::printed)
        std::puts(line.c_str());
}

} // namespace coauth_test::simulation
