// Checks histories of a register and of a counter for linearizability, with porcupine. One history a line, as JSON; one verdict a line:
// Ok, Illegal, or Unknown where it took too long.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/anishathalye/porcupine"
)

// call is what one caller did. An outcome that nobody knows has no end and no value: it may take effect at any time, or never.
type call struct {
	Client int      `json:"client"`
	What   string   `json:"what"`
	A      int      `json:"a"`
	B      int      `json:"b"`
	From   float64  `json:"from"`
	To     *float64 `json:"to"`
	Value  *int     `json:"value"`
}

type history struct {
	Kind  string `json:"kind"`
	Calls []call `json:"calls"`
}

func fits(value *int, expected int) bool { return value == nil || *value == expected }

// What each call does to the state, and what it has to have told.
func step(kind string) func(state, input, output interface{}) (bool, interface{}) {
	return func(state, input, output interface{}) (bool, interface{}) {
		now, one, told := state.(int), input.(call), output.(*int)
		switch one.What {
		case "read":
			return fits(told, now), now
		case "add":
			return fits(told, now+one.A), now + one.A
		case "write":
			return true, one.A
		case "exchange":
			if now == one.A {
				return fits(told, 1), one.B
			}
			return fits(told, 0), now
		}
		panic(kind + " has no " + one.What)
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var all history
		if err := json.Unmarshal(lines.Bytes(), &all); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		model := porcupine.Model{
			Init: func() interface{} { return 0 },
			Step: step(all.Kind),
		}
		operations := make([]porcupine.Operation, 0, len(all.Calls))
		for at, one := range all.Calls {
			end := int64(math.MaxInt64)
			if one.To != nil {
				end = int64(*one.To * 1000)
			}
			// A client has one call at a time there; ours have several.
			operations = append(operations, porcupine.Operation{
				ClientId: at, Input: one, Call: int64(one.From * 1000), Output: one.Value, Return: end,
			})
		}
		fmt.Println(porcupine.CheckOperationsTimeout(model, operations, time.Minute))
	}
}
