package dev.lathe.cli;

import dev.lathe.Model;
import dev.lathe.gguf.OpenTensorSource;
import dev.lathe.tools.command.Command;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

/** Answers one prompt: as a message where the model's file says how those look, else by continuing it. */
final class RunCommand extends ToolCommand {
    private static final String CHAT = "--chat";

    private final OptionSpec raw = OptionSpec.builder("--raw")
            .arity("0")
            .type(boolean.class)
            .description("continues the text, also of a model that has a chat template")
            .build();
    private final PositionalParamSpec prompt = PositionalParamSpec.builder()
            .index("1..*")
            .arity("0..*")
            .paramLabel("PROMPT")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("the text, in one word or several; default: standard input")
            .build();

    private RunCommand(Command tool, Models models) {
        super(tool, models, Set.of(CHAT));
        spec.usageMessage()
                .header("Answers one prompt.")
                .description(
                        "The prompt is a message where the model's file has a chat template, else it is continued.");
        spec.addOption(raw);
        spec.addPositional(prompt);
    }

    static CommandLine of(Command tool, Models models) {
        return new CommandLine(new RunCommand(tool, models).spec);
    }

    @Override
    List<String> arguments() throws IOException {
        List<String> arguments = super.arguments();
        List<String> words = prompt.originalStringValues();
        boolean isGiven = arguments.contains("--prompt") || arguments.contains("--prompt-file");
        if (isGiven && !words.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "PROMPT is given twice");
        }
        if (!isGiven) {
            arguments.add("--prompt");
            arguments.add(words.isEmpty() ? standardInput() : String.join(" ", words));
        }
        Path model = Path.of(arguments.get(arguments.indexOf(MODEL) + 1));
        if (!isGiven(raw) && (arguments.contains("--system") || hasTemplate(model))) {
            arguments.add(CHAT);
        }
        return arguments;
    }

    private String standardInput() throws IOException {
        if (System.console() != null && System.console().isTerminal()) {
            throw new ParameterException(
                    spec.commandLine(), "PROMPT is missing: give a text, or hold a conversation with lathe chat");
        }
        return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static boolean hasTemplate(Path model) throws IOException {
        try (OpenTensorSource file = Model.open(model)) {
            return file.metadata().findString("tokenizer.chat_template").isPresent();
        }
    }
}
