package main

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"
)

// What users of these libraries have to do themselves, with what Go comes with.
var standardMeasures = map[string]measure{
	"pending_put_take_1m":      {unit: "ns", run: takeAndPut},
	"pending_bytes_per_entry":  {unit: "bytes", run: bytesOfEntry},
	"refresh_insert_cancel_1m": {unit: "ns", run: insertAndCancel},
	"refresh_bytes_per_grant":  {unit: "bytes", run: bytesOfTimer},
}

// pendingLogins is a map from state to what has to be remembered.
type pendingLogins struct {
	mutex  sync.Mutex
	logins map[string]pendingLogin
}

type pendingLogin struct {
	nonce, verifier, binding string
	expires                  time.Time
}

func (p *pendingLogins) put(state string, login pendingLogin) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.logins[state] = login
}

func (p *pendingLogins) take(state string) (pendingLogin, bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	login, found := p.logins[state]
	delete(p.logins, state)
	return login, found && login.expires.After(time.Now())
}

func newLogin() pendingLogin {
	return pendingLogin{randomText(), randomText(), randomText(), time.Now().Add(10 * time.Minute)}
}

// takeAndPut: with so many pending sign-ins, any one is taken, and a new one put.
func takeAndPut(j *job) (float64, error) {
	pending := pendingLogins{logins: make(map[string]pendingLogin)}
	states := make([]string, j.count)
	for i := range states {
		states[i] = randomText()
		pending.put(states[i], newLogin())
	}
	rand.Shuffle(len(states), func(i, k int) { states[i], states[k] = states[k], states[i] })
	states = states[:min(j.count, 200_000)]
	added := make([]string, len(states))
	logins := make([]pendingLogin, len(states))
	for i := range added {
		added[i], logins[i] = randomText(), newLogin()
	}
	runtime.GC()
	used := processorTime()
	for i, state := range states {
		if _, found := pending.take(state); !found {
			return 0, errors.New("lost")
		}
		pending.put(added[i], logins[i])
	}
	return float64((processorTime() - used).Nanoseconds()) / float64(len(states)), nil
}

func heapBytes() float64 {
	runtime.GC()
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	return float64(now.HeapAlloc)
}

func bytesOfEntry(j *job) (float64, error) {
	pending := pendingLogins{logins: make(map[string]pendingLogin)}
	before := heapBytes()
	for range j.count {
		pending.put(randomText(), newLogin())
	}
	bytes := (heapBytes() - before) / float64(j.count)
	runtime.KeepAlive(&pending)
	return bytes, nil
}

// startTimers is what a token cache would have: a timer for each grant, ahead of when its token expires.
func startTimers(timers []*time.Timer) {
	for i := range timers {
		delay := 59*time.Minute + time.Duration(i%60_000)*time.Millisecond
		timers[i] = time.AfterFunc(delay, func() { panic("refreshed too early") })
	}
}

func insertAndCancel(j *job) (float64, error) {
	timers := make([]*time.Timer, j.count)
	used := processorTime()
	startTimers(timers)
	for _, timer := range timers {
		timer.Stop()
	}
	return float64((processorTime() - used).Nanoseconds()) / float64(j.count), nil
}

func bytesOfTimer(j *job) (float64, error) {
	timers := make([]*time.Timer, j.count)
	before := heapBytes()
	startTimers(timers)
	bytes := (heapBytes() - before) / float64(j.count)
	for _, timer := range timers {
		timer.Stop()
	}
	return bytes, nil
}
