package dev.lathe.cli;

import dev.lathe.Kernels;
import dev.lathe.hub.Hub;
import dev.lathe.tools.Lathe;
import dev.lathe.tools.command.Command;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** The command line {@code lathe}. Exit codes: 0, 1 for a failure, 2 for wrong usage; each is told in one sentence. */
@CommandLine.Command(
        name = "lathe",
        description = "Runs, serves, measures and shapes language models.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "MODEL is a GGUF file, a folder of safetensors, or a name such as owner/repository:Q4_K_M, which is"
                    + " downloaded once.",
            "lathe COMMAND --help lists a command's options."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed", "2:wrong usage"})
public final class Main {
    private Main() {}

    /** Runs a command and ends the virtual machine with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(Hub::fromEnvironment, arguments));
    }

    /** Runs a command, and returns its exit code. */
    static int run(Models.HubSource hub, String... arguments) {
        return commandLine(new Models(hub)).execute(arguments);
    }

    private static CommandLine commandLine(Models models) {
        CommandLine lathe = new CommandLine(new Main());
        lathe.addSubcommand("run", RunCommand.of(tool("Complete"), models));
        addTool(lathe, "chat", "Chat", "Holds a conversation.", models);
        lathe.addSubcommand(new ServeCommand(models));
        lathe.addSubcommand(new PullCommand(models));
        lathe.addSubcommand(new ListCommand(models));
        addTool(lathe, "bench", "Bench", "Measures tokens per second, of llama.cpp too.", models);
        addTool(lathe, "perplexity", "Perplexity", "Measures how well a model predicts a text.", models);
        addTool(lathe, "quantize", "Quantize", "Writes a file with fewer bits a weight.", models);
        addTool(lathe, "shape", "Shape", "Writes a smaller model: sliced, factored, pruned, or searched for.", models);
        addTool(lathe, "convert", "Convert", "Writes a folder of safetensors as a GGUF file.", models);
        addTool(lathe, "tokenize", "Tokenize", "Shows the tokens of a text.", models);
        lathe.addSubcommand(new CompletionCommand());
        lathe.setUsageHelpAutoWidth(true);
        lathe.setParameterExceptionHandler(Main::tellUsage);
        lathe.setExecutionExceptionHandler((failure, command, _) -> {
            boolean wrongOption = failure instanceof IllegalArgumentException;
            command.getErr().println(Command.sentenceOf(failure));
            return wrongOption ? 2 : 1;
        });
        return lathe;
    }

    private static void addTool(CommandLine lathe, String name, String tool, String header, Models models) {
        CommandLine command = ToolCommand.of(tool(tool), models);
        command.getCommandSpec().usageMessage().header(header);
        lathe.addSubcommand(name, command);
    }

    private static Command tool(String name) {
        return Lathe.find(name).orElseThrow();
    }

    private static int tellUsage(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        String problem = wrong.getMessage().lines().findFirst().orElse("");
        command.getErr()
                .println(problem + "; " + command.getCommandSpec().qualifiedName() + " --help lists what there is");
        return 2;
    }

    /** What this is, and what it runs on. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                    .orElse("(not packaged)");
            Kernels kernels = Kernels.inUse();
            return new String[] {
                "lathe " + version + ", Java " + Runtime.version(),
                "kernels " + kernels.name() + ": " + kernels.reason()
            };
        }
    }
}
