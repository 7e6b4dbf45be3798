package dev.lathe.cli;

import dev.lathe.hub.CachedModel;
import dev.lathe.text.json.JsonValue;
import dev.lathe.tools.command.Terminal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the models that were downloaded. */
@Command(name = "list", description = "Lists the models that were downloaded, also by Hugging Face's own client.")
final class ListCommand implements Callable<Integer> {
    private final Models models;

    @Option(names = "--json", description = "prints one JSON object: models, each with name, commit, bytes and path")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "prints this")
    private boolean help;

    ListCommand(Models models) {
        this.models = models;
    }

    @Override
    public Integer call() throws IOException {
        List<CachedModel> downloaded = models.downloaded();
        if (json) {
            System.out.println(JsonValue.of(Map.of(
                            "models",
                            downloaded.stream().map(ListCommand::members).toList()))
                    .toJson());
        } else if (downloaded.isEmpty()) {
            System.err.println("no models; lathe pull owner/repository:Q4_K_M downloads one");
        } else {
            List<List<String>> rows = new ArrayList<>();
            for (CachedModel model : downloaded) {
                rows.add(List.of(
                        model.name().toString(),
                        String.format(Locale.ROOT, "%.1f", model.bytes() * 1e-6),
                        model.commit().substring(0, Math.min(8, model.commit().length()))));
            }
            System.out.print(Terminal.table(List.of("name", "MB", "commit"), rows));
        }
        return 0;
    }

    private static Map<String, Object> members(CachedModel model) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", model.name().toString());
        members.put("commit", model.commit());
        members.put("bytes", model.bytes());
        members.put("path", model.path().toString());
        return members;
    }
}
