package dev.lathe.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints what a shell completes words with. */
@Command(
        name = "completion",
        description = {
            "Prints the script that completes commands and options in bash and zsh.",
            "For this shell: source <(lathe completion). For each: write it to a file that the shell's start reads."
        })
final class CompletionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "prints this")
    private boolean help;

    @Override
    public Integer call() {
        System.out.println(AutoComplete.bash("lathe", spec.root().commandLine()));
        return 0;
    }
}
