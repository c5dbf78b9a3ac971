"""Each precaution of the refresh scheduler and of token stores, switched off: the simulation has to notice.

As mutants.py has it.
"""
from mutants import mutants

off = mutants('detail/refresh_machine', 'simulation')
off('the refresh token of an answer without use', 'amiss_ = true;\n        return store_fresh();',
    'return fail(outcome_.reason, true);', 'flow:refresh_kept')
off('only the refresh token of it', 'amiss_ ? refresh_outcome::kind::kept : refresh_outcome::kind::refreshed;',
    'refresh_outcome::kind::refreshed;', 'flow:refresh_kept')
off('the end of tokens of somebody else', 'if (!of_somebody_else) {', 'if (true) {', 'flow:refresh_kept')
off('that end for all', 'if (!disowned_ || !plan_.stored)', 'if (true)', 'flow:refresh_kept')
off('every word for a new sign-in', 'if (ends_grant(reason)) {', 'if (reason == server_errc::invalid_grant) {',
    'flow:refresh_scheduler')
off('fencing: who lost the lease does not send', 'if (outcome) {\n        attempts_ = 0;\n        sent_ = true;',
    'if (outcome || outcome.error() == errc::lease_lost) {\n        attempts_ = 0;\n        sent_ = true;')
off('stored before anybody sees them',
    'return plan_.stored ? refresh_step::complete : completed(plan_.generation + 1, now);',
    'if (!plan_.stored)\n        return completed(plan_.generation + 1, now);\n'
    '    outcome_.what = refresh_outcome::kind::refreshed;\n    outcome_.tokens = fresh_;\n'
    '    outcome_.generation = plan_.generation + 1;\n    decided_ = true;\n    return refresh_step::complete;')
off('persisted before anybody sees them',
    'return plan_.hooked ? refresh_step::persist : persisted(result<void>(), steady_time());',
    'return persisted(result<void>(), steady_time());')
off('a refresh token that may be spent is not sent again', 'if (reason.grant_spent() || unknown_) {', 'if (false) {')
off('what came of the first time', 'if (reason.grant_spent() || unknown_) {', 'if (reason.grant_spent()) {')
off('a refusal of the second time', 'if (refused || repetitions_ == 0', 'if (repetitions_ == 0', 'unit:refresh_machine_')
off('a wait before the second time', 'wake_at_ = now + jitter_.shortened(longest);', 'wake_at_ = now;',
    'flow:refresh_unknown')
off('who stopped sends nothing again', 'if (stopped_ && unknown_ && repeats)', 'if (false)', 'flow:refresh_unknown')
off('the lease, before the second time', 'if (unknown_ && outcome.error() == errc::lease_lost)', 'if (false)',
    'unit:refresh_machine_')
off('a server that bears no second time', 'if (plan_.repetitions == 0)\n        return fail(reason', 'if (false)\n        return fail(reason',
    'flow:refresh_scheduler')
off('not while the access token is of use', 'plan_.repetitions == 0 || plan_.of_use || ', 'plan_.repetitions == 0 || ',
    'flow:refresh_unknown')
off('a second time for each flight of one in doubt', 'repetitions_(plan.in_doubt ? 0 : plan.repetitions)',
    'repetitions_(plan.repetitions)', 'flow:refresh_unknown')
off('the only tokens that there are', 'reclaims_ = true;\n        tries_ = most_tries;\n        return refresh_step::acquire;',
    'return fail(errc::lease_lost);')
off('in doubt nobody has to sign in', 'outcome_.in_doubt = true;\n    return fail(of_doubt(std::move(reason)));',
    'return fail(reason.set_grant_spent(true));', 'flow:refresh_unknown')
off('adoption', 'return give_up();\n    if (outcome->record().generation() != plan_.generation)\n'
    '        return adopt(outcome->record());', 'return give_up();')
off('renewal of the lease', 'owns_lease_ = true;\n    renew_at_ = now + plan_.lease / 3;', 'owns_lease_ = true;')
off('release of what spent nothing', 'if (owns_lease_ && (!sent_ || (reclaims_ && !begun_)))', 'if (false)')
off('tokens of a grant that was forgotten are revoked', 'return forgotten_ ? refresh_step::revoke : give_up();',
    'return give_up();', 'unit:refresh_machine_')
off('tokens of a grant that was replaced are not', 'return forgotten_ ? refresh_step::revoke : give_up();',
    'return refresh_step::revoke;', 'unit:refresh_machine_ flow:refresh_scheduler')
off('a sign-in elsewhere while no answer came',
    'return plan_.stored ? look(looking::after_silence) : fail_unknown();', 'return fail_unknown();',
    'unit:refresh_machine_')  # of thousands of simulated runs it is seen in one

off = mutants('detail/refresh_outcome', 'flow:refresh_scheduler')
off('an answer without use is bounded', 'return is_of_use_later(failure.reason) ? always : few;', 'return always;',
    'flow:refresh_kept')
off('a clock that is slow', 'reason == errc::token_not_yet_valid;', 'false;', 'flow:refresh_kept')
off('a key that nobody knows is waited for', 'if (failure.reason == errc::signing_key_unknown)\n        return many;', '',
    'flow:refresh_kept')
off('errors that anybody may have said', 'return is_of_anybody(failure.reason) ? many : few;', 'return few;',
    'flow:refresh_scheduler')
off('refusals of the client itself', 'reason != server_errc::invalid_client && ', '', 'flow:refresh_scheduler')
off('errors that are no text', 'if (reason == errc::malformed_response)', 'if (false)', 'flow:refresh_scheduler')

off = mutants('detail/kept_grant', 'simulation')
off('fencing: who did not send does not store',
    'if (generation != generation_ || !refreshes_.sender || !refreshes_.sender->equals(owner))\n'
    '        return errc::lease_lost;', '')
off('fencing: who has no lease does not send',
    'if (!owned_by(owner) || remaining(now) == time_point::zero() || generation != generation_)\n'
    '        return errc::lease_lost;', '')
off('one lease at a time', 'if (left > left.zero())\n            return lease(lease_state::held', 'if (false)\n'
    '            return lease(lease_state::held')
off('what was sent is not sent again', 'if (refreshes_.sent > tries)', 'if (false)')

off = mutants('detail/refresh_flight', 'simulation')
off('refusals without end', '++now_so.refusals >= most', 'false', 'flow:refresh_scheduler')
off('refusals in a row', 'if (most == std::numeric_limits<unsigned>::max() || most != now_so.most_refusals)', 'if (false)',
    'flow:refresh_scheduler')
off('a person is told what helps', 'now_so.last = refused(outcome.reason);', '', 'flow:refresh_scheduler')
off('how long the access token lasts', 'grant_->usable_until = until;', '', 'flow:refresh_kept')
off('the waits of others', 'grant_->trouble = std::move(before);\n}', '}', 'flow:refresh_kept')
off("others' tokens that have expired",
    'if (outcome.what == kind::adopted && !waiters.empty() && brings_nothing(outcome, time))', 'if (false)')
off('what they had already', ' || brings_refresh_token_alone(outcome);', ';')
off('the waits of a grant whose refresh token was kept', 'auto before = std::move(grant_->trouble); // the next',
    'std::unique_ptr<grant_trouble> before; // the next', 'flow:refresh_kept')
off('tokens live from when they came', '? std::optional(received_)', '? std::optional(time)')
off('an end to the waiting', '    complete_all(waiters, answer);\n    if (next)', '    if (next)')
off('the store has to hear that nothing was sent', 'grant_->releasing = releases_ = machine_.releases();', '',
    'flow:refresh_unknown')
off('tokens of a sign-in that was replaced', 'return current || !brought || !forgotten_;', 'return current || !brought;',
    'flow:refresh_scheduler')
off('a new sign-in is asked for once', 'now_so.reported = true;', '')

off = mutants('detail/refresh_background', 'simulation')
off('who stops waits', 'if (!self->flights_.empty()) {', 'if (false) {', 'simulation flow:refresh_stop')
off('limits::parallel_refreshes', '    if (may_begin()) {\n        pace_.begun();\n        who', '    if (true) {\n        pace_.begun();\n        who')

off = mutants('detail/basic_refresh_scheduler', 'simulation')
off('limits::refresh_interval', 'if (grant.by_refresh && time < next)', 'if (false)')
off('backoff and Retry-After', 'if (time < trouble->next_try)', 'if (false)')
off('who waits for a grant that is forgotten', 'complete_all(waiters, error(errc::grant_unknown));', '')
off('what was found before it was forgotten', 'if (during && during->is_outdated())', 'if (false)',
    'flow:refresh_stores')
off('what was found while others were forgotten', '= each->outdated_ || each->hash_ == hash;', '= true;',
    'flow:refresh_stores')
off('hooks end with the scheduler', '    last.swap(hooks_);\n', '', 'flow:refresh_scheduler')
off = mutants('detail/refresh_operations', 'flow:refresh_stores')
off('what was put before it was forgotten', '*generation, &mine, false)', '*generation, nullptr, false)')
off = mutants('detail/refresh_steps', 'flow:refresh_scheduler')
off('a hook may throw for ever', '            self->exceptions_ = 0;\n', '')
off = mutants('detail/refresh_background', 'flow:refresh_background')
off('the grant that was due first comes first', 'if (due < since) {', 'if (!longest && due != never) {')

off = mutants('detail/refresh_pace', 'unit:refresh_pace_ flow:refresh_pace_of_a_server')
off('a Retry-After is for all', 'end = std::max<steady_time>(end, now + *wanted);', '')
off('failures in a row are a pause', 'if (failures_ >= most_in_a_row && !paused)', 'if (false)')
off('one finds out', '    if (pauses(now))\n        allowed_ = 1;', '', 'unit:refresh_pace_')
off('pauses have a longest one', 'doubled(shortest_, pauses_++, longest)', 'doubled(shortest_, pauses_++, 24 * 60 * longest)')
off('an answer ends the row', '    failures_ = 0;\n', '', 'unit:refresh_pace_')
off('what says nothing of the server', 'return reason == condition::retryable || (reason.grant_spent() && !ends_grant(reason));',
    'return true;', 'unit:refresh_pace_')
off = mutants('detail/refresh_background', 'flow:refresh_pace_of_a_server')
off('what is kept nowhere', 'std::max(unkept_ != 0 ? unkept_until_ : steady_time::min(), pace_.pause_end())',
    'pace_.pause_end()')
off('one grant that cannot be kept', 'unkept_until_ = now() + bounds_.refresh_longest_backoff;', 'unkept_until_ = never;')
off('after that one at a time', ' && (!tries || pace_.under_way() == 0);', ';')
off('the background after a pause', '    poke();           // to wait for its end', '')
off('nobody waits for the end of a pause', '        return;\n    refuse_turns();\n', '        return;\n')
off('more at once, with each answer', '        next->wake();\n    }', '        next->wake();\n        break;\n    }')
off('falling behind is told once', '!std::exchange(behind_, true)', 'true')
off = mutants('detail/refresh_machine', 'flow:refresh_pace_of_a_server')
off('what others got in a pause', 'return plan_.stored ? look(looking::beforehand) : fail(plan_.reason);',
    'return fail(plan_.reason);')
off('a pause ends no grant', 'return fail(plan_.reason, !outcome_.pauses);', 'return fail(plan_.reason, true);')
