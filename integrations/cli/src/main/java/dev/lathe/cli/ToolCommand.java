package dev.lathe.cli;

import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.CommandOption;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

/** A command of the tools, with the options that its help text declares; its models may be given by name. */
class ToolCommand implements Callable<Integer> {
    static final String MODEL = "--model";
    private static final Set<String> MODELS = Set.of(MODEL, "--base", "--draft", "IN", "FOLDER");
    private static final Set<String> MODEL_OPTIONS = Set.of(MODEL, "--random");
    private static final Set<String> PATHS = Set.of("FILE", "FOLDER", "DIR", "IN", "OUT");

    final CommandSpec spec;
    private final Command tool;
    private final Models models;
    private final List<OptionSpec> options = new ArrayList<>();
    private final List<PositionalParamSpec> arguments = new ArrayList<>();
    private final Optional<PositionalParamSpec> model;

    /**
     * A command.
     *
     * @param hidden options of the tool that users do not see
     */
    ToolCommand(Command tool, Models models, Set<String> hidden) {
        this.tool = tool;
        this.models = models;
        this.spec = CommandSpec.wrapWithoutInspection(this);
        spec.usageMessage()
                .description(sentence(tool.summary()))
                .sortOptions(false)
                .abbreviateSynopsis(true)
                .autoWidth(true);
        boolean hasArguments = tool.options().stream().anyMatch(CommandOption::isArgument);
        this.model = hasArguments ? Optional.empty() : Optional.of(model());
        model.ifPresent(spec::addPositional);
        for (CommandOption declared : tool.options()) {
            if (declared.isArgument()) {
                arguments.add(argument(declared, arguments.size()));
            } else if (!hidden.contains(declared.name())
                    && !(hasArguments && declared.name().equals(MODEL))) {
                options.add(option(declared));
            }
        }
        options.forEach(spec::addOption);
        arguments.forEach(spec::addPositional);
    }

    static CommandLine of(Command tool, Models models) {
        return new CommandLine(new ToolCommand(tool, models, Set.of()).spec);
    }

    private static OptionSpec option(CommandOption declared) {
        boolean isHelp = declared.name().equals("--help");
        boolean isFlag = declared.value().isEmpty();
        return OptionSpec.builder(isHelp ? new String[] {"-h", "--help"} : new String[] {declared.name()})
                .usageHelp(isHelp)
                .arity(isFlag ? "0" : "1")
                .type(isFlag ? boolean.class : PATHS.contains(declared.value()) ? File.class : String.class)
                .paramLabel(declared.value())
                .description(escaped(declared))
                .build();
    }

    private static PositionalParamSpec argument(CommandOption declared, int index) {
        return PositionalParamSpec.builder()
                .index(Integer.toString(index))
                .arity("1")
                .required(true)
                .paramLabel(declared.name())
                .type(File.class)
                .description(escaped(declared))
                .build();
    }

    private static PositionalParamSpec model() {
        return PositionalParamSpec.builder()
                .index("0")
                .arity("0..1")
                .paramLabel("MODEL")
                .type(File.class)
                .description("a file, a folder, or a name such as owner/repository:Q4_K_M")
                .build();
    }

    private static String sentence(String summary) {
        return (Character.toUpperCase(summary.charAt(0)) + summary.substring(1)).replace("%", "%%");
    }

    private static String escaped(CommandOption declared) {
        return declared.description().replace("%", "%%");
    }

    @Override
    public Integer call() throws IOException {
        return tool.run(arguments().toArray(String[]::new));
    }

    /** What the tool is given: what the user gave, with models found. */
    List<String> arguments() throws IOException {
        model.ifPresent(argument -> requireOne(text(argument)));
        List<String> given = new ArrayList<>();
        for (OptionSpec option : options) {
            if (isGiven(option)) {
                given.add(option.longestName());
                if (option.arity().max() > 0) {
                    given.add(value(option.longestName(), text(option).orElseThrow()));
                }
            }
        }
        for (PositionalParamSpec argument : arguments) {
            given.add(value(argument.paramLabel(), text(argument).orElseThrow()));
        }
        if (model.isPresent() && text(model.get()).isPresent()) {
            given.add(MODEL);
            given.add(value(MODEL, text(model.get()).get()));
        }
        return given;
    }

    /** A model is given by its place or by an option, once. */
    private void requireOne(Optional<String> text) {
        boolean byOption =
                options.stream().anyMatch(option -> MODEL_OPTIONS.contains(option.longestName()) && isGiven(option));
        if (byOption && text.isPresent()) {
            throw new ParameterException(spec.commandLine(), "MODEL is given twice");
        }
        if (!byOption && text.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "MODEL is missing: give a file, a folder, or a name such as owner/repository");
        }
    }

    boolean isGiven(OptionSpec option) {
        return spec.commandLine().getParseResult().hasMatchedOption(option);
    }

    private String value(String name, String text) throws IOException {
        return MODELS.contains(name) ? models.find(text).toString() : text;
    }

    /** What was given for it, as it was written. */
    private static Optional<String> text(ArgSpec argument) {
        return argument.originalStringValues().stream().findFirst();
    }
}
