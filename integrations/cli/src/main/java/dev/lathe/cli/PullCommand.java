package dev.lathe.cli;

import dev.lathe.hub.ModelName;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Downloads models by name. */
@Command(
        name = "pull",
        description = {
            "Downloads models, checks them, and prints where they are.",
            "A download that was cut goes on where it was. HF_TOKEN, HF_ENDPOINT, HF_HUB_CACHE, HF_HOME and"
                    + " HF_HUB_OFFLINE count as for Hugging Face's own client, whose cache is used."
        })
final class PullCommand implements Callable<Integer> {
    private final Models models;

    @Parameters(
            arity = "1..*",
            paramLabel = "NAME",
            description = "owner/repository, owner/repository:Q4_K_M or owner/repository/file.gguf, with @revision")
    private List<String> names;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "prints this")
    private boolean help;

    PullCommand(Models models) {
        this.models = models;
    }

    @Override
    public Integer call() throws IOException {
        List<ModelName> parsed = names.stream().map(ModelName::parse).toList();
        for (ModelName name : parsed) {
            System.out.println(models.pull(name));
        }
        return 0;
    }
}
