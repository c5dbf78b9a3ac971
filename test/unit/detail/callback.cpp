#include <coauth/detail/callback.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace {

using coauth::detail::callback;
using counting = callback<int(int)>;

/// Function objects that fit into a std::function and that do not.
auto small(std::shared_ptr<int> owned)
{
    return [owned = std::move(owned)](int by) { return *owned += by; };
}
auto large(std::shared_ptr<int> owned)
{
    return [owned = std::move(owned), room = std::array<char, 256>()](int by) {
        return *owned += by + room.front();
    };
}

/// For a function object of either size: what moves leave behind.
template <class Make>
void check_moves(Make make)
{
    const auto owned = std::make_shared<int>(1);
    counting first = make(owned);
    BOOST_TEST(owned.use_count() == 2);
    counting second = std::move(first);
    BOOST_TEST(!first);
    BOOST_TEST(static_cast<bool>(second));
    BOOST_TEST(owned.use_count() == 2);
    BOOST_TEST(second(2) == 3);

    counting third;
    third = std::move(second);
    BOOST_TEST(!second);
    BOOST_TEST(owned.use_count() == 2);
    third = make(owned); // which destroys the one before
    BOOST_TEST(owned.use_count() == 2);
    counting& same = third;
    third = std::move(same);
    BOOST_TEST(third(0) == 3);

    // Captures are moved as members are.
    auto outer = [kept = std::move(third)] { return kept(1); };
    BOOST_TEST(!third);
    const auto moved = std::move(outer);
    BOOST_TEST(owned.use_count() == 2);
    BOOST_TEST(moved() == 4);

    counting fourth = make(owned);
    {
        const auto taken = std::exchange(fourth, nullptr);
        BOOST_TEST(!fourth);
        BOOST_TEST(taken(0) == 4);
        BOOST_TEST(owned.use_count() == 3);
    }
    BOOST_TEST(owned.use_count() == 2);
}

/// A function that owns the owner of the function, until it is moved out.
struct self_owning : std::enable_shared_from_this<self_owning> {
    callback<void()> complete;
};

} // namespace

BOOST_AUTO_TEST_SUITE(detail_callback)

static_assert(std::is_nothrow_move_constructible_v<counting> && std::is_nothrow_move_assignable_v<counting>);
static_assert(!std::is_constructible_v<counting, std::string> && !std::is_constructible_v<counting, int>);
static_assert(!std::is_convertible_v<counting, bool>);

BOOST_AUTO_TEST_CASE(DO13_a_move_leaves_nothing_behind)
{
    check_moves(small);
    check_moves(large);
}

BOOST_AUTO_TEST_CASE(DO13_an_object_whose_own_function_was_moved_out_is_destroyed)
{
    std::weak_ptr<self_owning> left;
    {
        const auto owner = std::make_shared<self_owning>();
        left = owner;
        owner->complete = [owner] {};
        const callback<void()> running = std::move(owner->complete);
        running();
    }
    BOOST_TEST(left.expired());
}

BOOST_AUTO_TEST_CASE(copies_share_nothing_but_what_was_captured)
{
    const auto owned = std::make_shared<int>(1);
    counting first = small(owned);
    const counting second = first;
    BOOST_TEST(owned.use_count() == 3);
    first = nullptr;
    BOOST_TEST(!first);
    BOOST_TEST(second(1) == 2);
    first = second;
    BOOST_TEST(first(1) == 3);
    BOOST_TEST(owned.use_count() == 3);
}

BOOST_AUTO_TEST_CASE(empty_stays_empty)
{
    BOOST_TEST(!counting());
    BOOST_TEST(!counting(nullptr));
    BOOST_TEST(!counting(std::function<int(int)>()));
    int (*const none)(int) = nullptr;
    BOOST_TEST(!counting(none));
    const counting empty;
    BOOST_TEST(!counting(empty));
    BOOST_CHECK_THROW(empty(1), std::bad_function_call);
    std::function<int(int)> given = [](int value) { return value; };
    BOOST_TEST(counting(std::move(given))(7) == 7);
}

BOOST_AUTO_TEST_SUITE_END()
