// Measures of libraries for Go, and of what Go comes with:
//
//	go-peers LIBRARY MEASURE URL CA_FILE COUNT
package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/oauth2"
)

// What a client of the benchmarks' server is.
const (
	clientID     = "bench-client"
	clientSecret = "a-secret-that-the-server-does-not-check"
	redirectURI  = "https://app.example/callback"
)

var scopes = []string{"openid", "profile", "email"}

// job is what the command line asks for.
type job struct {
	issuer      string
	authorities string
	count       int
}

// measure is one figure of a library: either an operation to repeat, or what finds the figure by itself.
type measure struct {
	unit     string
	inFlight int
	prepare  func(*job) (operation func() error, err error)
	run      func(*job) (value float64, err error)
}

var libraries = map[string]map[string]measure{
	"go":        standardMeasures,
	"go-oauth2": oauth2Measures,
	"go-oidc":   oidcMeasures,
}

// context makes requests of the libraries trust the server, and keep as many connections as are used.
func (j *job) context() (context.Context, error) {
	pem, err := os.ReadFile(j.authorities)
	if err != nil {
		return nil, err
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificate in %s", j.authorities)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: authorities}
	transport.MaxIdleConnsPerHost = 64
	return context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Transport: transport}), nil
}

func fetchText(ctx context.Context, url string) (string, error) {
	response, err := ctx.Value(oauth2.HTTPClient).(*http.Client).Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, response.Status)
	}
	return string(body), err
}

func randomText() string {
	var bytes [32]byte
	rand.Read(bytes[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(bytes[:])
}

// processorTime is that of all threads.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func repeat(operation func() error, count, inFlight int) error {
	if inFlight <= 1 {
		for range count {
			if err := operation(); err != nil {
				return err
			}
		}
		return nil
	}
	var left atomic.Int64
	left.Store(int64(count))
	failures := make(chan error, inFlight)
	var flows sync.WaitGroup
	for range inFlight {
		flows.Go(func() {
			for left.Add(-1) >= 0 {
				if err := operation(); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	flows.Wait()
	select {
	case err := <-failures:
		return err
	default:
		return nil
	}
}

func (m measure) value(j *job) (float64, error) {
	if m.run != nil {
		return m.run(j)
	}
	operation, err := m.prepare(j)
	if err != nil {
		return 0, err
	}
	if err := repeat(operation, (j.count+3)/4, m.inFlight); err != nil {
		return 0, err
	}
	runtime.GC()
	used := processorTime()
	if err := repeat(operation, j.count, m.inFlight); err != nil {
		return 0, err
	}
	value := float64((processorTime() - used).Nanoseconds()) / float64(j.count)
	if m.unit == "us" {
		value /= 1000
	}
	return value, nil
}

func main() {
	if len(os.Args) != 6 {
		fmt.Fprintln(os.Stderr, "usage: go-peers LIBRARY MEASURE URL CA_FILE COUNT")
		os.Exit(2)
	}
	measure, found := libraries[os.Args[1]][os.Args[2]]
	if !found {
		fmt.Fprintf(os.Stderr, "no %s here\n", os.Args[2])
		os.Exit(77)
	}
	count, err := strconv.Atoi(os.Args[5])
	var value float64
	if err == nil {
		value, err = measure.value(&job{issuer: os.Args[3], authorities: os.Args[4], count: count})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"value": value, "unit": measure.unit})
}
