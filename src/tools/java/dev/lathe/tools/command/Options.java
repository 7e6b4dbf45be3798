package dev.lathe.tools.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The options of a program. Its help text declares them: a line that begins with {@code --name} is a flag, one that
 * begins with {@code --name VALUE} takes a value, one that begins with {@code NAME} is an argument without a name, and
 * must be given.
 */
public final class Options {
    /** What every program takes. */
    private static final String COMMON = """
              --model FILE        a GGUF file; default: the model in the repository
              --threads N         threads that compute; default: the physical cores
              --kernels NAME      what computes: avx512, avx-vnni, avx2, vector or scalar, with the same results;
                                  fails where the machine has not that set; default: the fastest that runs here
              --json              prints one JSON object and nothing else on standard output
              --help              prints this
            """;

    /** A name, what stands for its value, and a description that may go on in lines further in. */
    private static final Pattern DECLARATION = Pattern.compile(
            "(?m)^ {2}(?:(--?[a-z][a-z-]*)(?: ([A-Z]\\S*))?|([A-Z]{2,}))(?= |$) *(.*(?:\\n {16,}\\S.*)*)");

    /** Tells a user in one sentence what to type instead. */
    public static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public UsageException(String message) {
            super(message);
        }
    }

    private final String help;
    private final Map<String, Boolean> takesValue = new HashMap<>();
    private final Map<String, String> given = new HashMap<>();
    private final List<String> arguments;

    private Options(String help) {
        this.help = help + COMMON;
        this.arguments = new ArrayList<>();
        for (CommandOption option : declared(help)) {
            if (option.isArgument()) {
                arguments.add(option.name());
            } else {
                takesValue.put(option.name(), !option.value().isEmpty());
            }
        }
    }

    /** What a help text and the common options declare. */
    static List<CommandOption> declared(String help) {
        return DECLARATION
                .matcher(help + COMMON)
                .results()
                .map(found -> {
                    String description = found.group(4).replaceAll("\\s+", " ");
                    return found.group(1) == null
                            ? new CommandOption(found.group(3), found.group(3), description)
                            : new CommandOption(
                                    found.group(1),
                                    Optional.ofNullable(found.group(2)).orElse(""),
                                    description);
                })
                .toList();
    }

    static Options parse(String help, String... arguments) {
        Options options = new Options(help);
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
            String name = equals < 0 ? argument : argument.substring(0, equals);
            Boolean takesValue = options.takesValue.get(name);
            if (takesValue == null && options.takeArgument(argument)) {
                continue;
            }
            if (takesValue == null) {
                throw new UsageException("unknown option " + name + "; --help lists the options");
            }
            String value = "";
            if (equals >= 0 && !takesValue) {
                throw new UsageException(name + " takes no value; write it alone");
            } else if (equals >= 0) {
                value = argument.substring(equals + 1);
            } else if (takesValue) {
                if (++i == arguments.length) {
                    throw new UsageException(name + " needs a value; --help shows which");
                }
                value = arguments[i];
            }
            if (options.given.putIfAbsent(name, value) != null) {
                throw new UsageException(name + " is given twice; give it once");
            }
        }
        options.requireArguments();
        return options;
    }

    /** Whether this is the next argument without a name. */
    private boolean takeArgument(String value) {
        Optional<String> next =
                arguments.stream().filter(name -> !given.containsKey(name)).findFirst();
        if (value.startsWith("-") || next.isEmpty()) {
            return false;
        }
        given.put(next.get(), value);
        return true;
    }

    private void requireArguments() {
        for (String name : arguments) {
            if (!given.containsKey(name) && !has("--help")) {
                throw new UsageException(name + " is missing; give " + String.join(" and ", arguments));
            }
        }
    }

    /** The value of an argument without a name. */
    public String argument(String name) {
        return given.get(name);
    }

    String help() {
        return help;
    }

    /** The command's name, with which its help text begins. */
    public String command() {
        return help.substring(0, help.indexOf(':'));
    }

    /** What was given, by names; flags have an empty value. */
    public Map<String, String> given() {
        return new TreeMap<>(given);
    }

    public boolean has(String name) {
        if (!takesValue.containsKey(name)) {
            throw new IllegalStateException(name + " is missing in the help text");
        }
        return given.containsKey(name);
    }

    public String text(String name, String otherwise) {
        return has(name) ? given.get(name) : otherwise;
    }

    public int integer(String name, int otherwise, int least) {
        return has(name) ? parseInteger(name, given.get(name), least) : otherwise;
    }

    public long longInteger(String name, long otherwise) {
        return has(name) ? number(name, Long::parseLong, given.get(name), "an integer") : otherwise;
    }

    public float decimal(String name, float otherwise, float least, float most) {
        if (!has(name)) {
            return otherwise;
        }
        float value = number(name, Float::parseFloat, given.get(name), "a number");
        if (!(value >= least && value <= most)) {
            throw new UsageException(name + " is " + value + "; give a number from " + least + " to " + most);
        }
        return value;
    }

    /** Integers with commas between them. */
    public int[] integers(String name, String otherwise, int least) {
        return Arrays.stream(text(name, otherwise).split(","))
                .mapToInt(part -> parseInteger(name, part.strip(), least))
                .toArray();
    }

    /** Words with commas between them, each one of those allowed. */
    public List<String> words(String name, String otherwise, List<String> allowed) {
        List<String> words = new ArrayList<>();
        for (String word : text(name, otherwise).split(",")) {
            if (!allowed.contains(word.strip())) {
                throw new UsageException(
                        name + " does not know " + word.strip() + "; there is " + String.join(", ", allowed));
            }
            words.add(word.strip());
        }
        return words;
    }

    /** One of the words allowed. */
    public String word(String name, String otherwise, List<String> allowed) {
        List<String> words = words(name, otherwise, allowed);
        if (words.size() != 1) {
            throw new UsageException(name + " takes one of " + String.join(", ", allowed));
        }
        return words.getFirst();
    }

    /** One of an enum's constants, by its name. */
    public <E extends Enum<E>> E choice(String name, E otherwise) {
        Class<E> type = otherwise.getDeclaringClass();
        return Enum.valueOf(type, word(name, otherwise.name(), namesOf(type)));
    }

    /** The names of an enum's constants. */
    public static <E extends Enum<E>> List<String> namesOf(Class<E> type) {
        return Arrays.stream(type.getEnumConstants()).map(Enum::name).toList();
    }

    /** A file that must be there. */
    public Path file(String name, Path otherwise) {
        return existing(name, given.containsKey(name) ? Path.of(given.get(name)) : otherwise);
    }

    /** A model's file or folder that must be there. */
    public Path model(String name, Path otherwise) {
        Path model = given.containsKey(name) ? Path.of(given.get(name)) : otherwise;
        return Files.isDirectory(model) ? model : existing(name, model);
    }

    /** A list of files that must be there; empty if not given. */
    public List<Path> files(String name) {
        return Arrays.stream(text(name, "").split(","))
                .filter(file -> !file.isEmpty())
                .map(file -> existing(name, Path.of(file)))
                .toList();
    }

    private static Path existing(String name, Path file) {
        if (!Files.isRegularFile(file)) {
            throw new Program.FailureException(file + " is no file; give " + name + " one that exists");
        }
        return file;
    }

    /** A file to write, in a folder that must be there: known before the work, not after it. */
    public Path target(String name) {
        Path file = Path.of(given.get(name));
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new Program.FailureException(folder + " is no folder; give " + name + " a file in one that exists");
        }
        if (Files.isDirectory(file)) {
            throw new Program.FailureException(file + " is a folder; give " + name + " the name of a file");
        }
        return file;
    }

    private static int parseInteger(String name, String text, int least) {
        int value = number(name, Integer::parseInt, text, "an integer");
        if (value < least) {
            throw new UsageException(name + " is " + value + "; give an integer of at least " + least);
        }
        return value;
    }

    private static <T> T number(String name, Function<String, T> parse, String text, String kind) {
        try {
            return parse.apply(text);
        } catch (NumberFormatException e) {
            throw new UsageException(name + " is \"" + text + "\"; give " + kind);
        }
    }
}
