package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/statemill/statemill/contrib/aslyaml"
	"github.com/statemill/statemill/internal/similar"
	"github.com/statemill/statemill/jsonvalue"
)

// configName is the file that gives flags their values.
const configName = "statemill.yaml"

// configure gives the flags of a command the values of the configuration file, where the
// command line has none.
func configure(c *cobra.Command) error {
	if c.Parent() == nil || c.Parent().HasParent() || !configurable(c.Name()) {
		return nil
	}
	file, err := findConfig()
	if err != nil || file == "" {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	s, err := aslyaml.Read(text)
	if err != nil {
		return fmt.Errorf("%s:%w", file, err)
	}
	v, err := jsonvalue.Parse(s.JSON())
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if err := configureBy(v, c); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func configurable(name string) bool {
	return slices.Contains([]string{"validate", "graph", "json", "run", "test", "cover", "serve"}, name)
}

// findConfig returns the nearest file upwards, but not beyond a repository; "": none.
func findConfig() (string, error) {
	if file, given := os.LookupEnv("STATEMILL_CONFIG"); given {
		return file, nil
	}
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		file := filepath.Join(folder, configName)
		if _, err := os.Stat(file); err == nil {
			return file, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		_, err := os.Stat(filepath.Join(folder, ".git"))
		outer := filepath.Dir(folder)
		if err == nil || outer == folder {
			return "", nil
		}
		folder = outer
	}
}

// configureBy takes what is for all commands, and what is for this one.
func configureBy(v jsonvalue.Value, c *cobra.Command) error {
	if v.IsNull() {
		return nil
	}
	if v.Kind() != jsonvalue.KindObject {
		return errors.New("expected keys, such as serve and tasks")
	}
	for key, value := range v.Members() {
		var err error
		switch {
		case key == "set":
			err = configureSet(value, c.Flags())
		case key == "tasks":
			err = configureTasks(value, c.Flags())
		case key == c.Name():
			err = configureFlags(value, c)
		case !configurable(key):
			err = unknownKey(key, append(commandNames(c), "set", "tasks"))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

func commandNames(c *cobra.Command) (names []string) {
	for _, other := range c.Root().Commands() {
		if configurable(other.Name()) {
			names = append(names, other.Name())
		}
	}
	return names
}

func unknownKey(key string, known []string) error {
	if near := similar.Name(key, known); near != "" {
		return fmt.Errorf("there is no such key; did you mean %s?", near)
	}
	return fmt.Errorf("there is no such key; expected %s", strings.Join(known, ", "))
}

// configureFlags gives flags their values: keys are long names.
func configureFlags(v jsonvalue.Value, c *cobra.Command) error {
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Name != "help" && f.Name != "version" {
			known = append(known, f.Name)
		}
	})
	if v.Kind() != jsonvalue.KindObject {
		return errors.New("expected names of flags with their values")
	}
	for name, value := range v.Members() {
		if !slices.Contains(known, name) {
			return fmt.Errorf("%s: %w", name, unknownKey(name, known))
		}
		if c.Flags().Changed(name) {
			continue
		}
		for _, text := range texts(value) {
			if err := c.Flags().Set(name, text); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// texts returns a value as the command line has it; an array is a flag that is given several times.
func texts(v jsonvalue.Value) (all []string) {
	if v.Kind() != jsonvalue.KindArray {
		return []string{plain(v)}
	}
	for _, element := range v.Elements() {
		all = append(all, plain(element))
	}
	return all
}

func plain(v jsonvalue.Value) string {
	if text, ok := v.AsString(); ok {
		return text
	}
	return v.String()
}

// configureSet fills in names that no --set fills in.
func configureSet(v jsonvalue.Value, f *pflag.FlagSet) error {
	flag := f.Lookup("set")
	if flag == nil {
		return nil
	}
	given, ok := flag.Value.(*pairs)
	if !ok || v.Kind() != jsonvalue.KindObject {
		return errors.New("expected NAME: VALUE")
	}
	for name, value := range v.Members() {
		if _, known := (*given)[name]; known {
			continue
		}
		if err := given.Set(name + "=" + plain(value)); err != nil {
			return err
		}
	}
	return nil
}

// configureTasks adds the performers of patterns that no --task has.
func configureTasks(v jsonvalue.Value, f *pflag.FlagSet) error {
	flag := f.Lookup("task")
	if flag == nil {
		return nil
	}
	given, ok := flag.Value.(pflag.SliceValue)
	if !ok || v.Kind() != jsonvalue.KindObject {
		return errors.New("expected PATTERN: HOW")
	}
	for pattern, how := range v.Members() {
		has := func(task string) bool { return strings.HasPrefix(task, pattern+"=") }
		if slices.ContainsFunc(given.GetSlice(), has) {
			continue
		}
		if err := given.Append(pattern + "=" + plain(how)); err != nil {
			return err
		}
	}
	return nil
}
