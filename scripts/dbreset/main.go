// Command dbreset deletes private databases: dbreset DATA_DIR…
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"segmentchallenge/internal/postgres/private"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, dir := range os.Args[1:] {
		if err := private.Remove(ctx, dir); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", dir, err)
			os.Exit(1)
		}
	}
}
