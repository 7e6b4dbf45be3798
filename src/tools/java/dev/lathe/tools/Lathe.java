package dev.lathe.tools;

import dev.lathe.tools.command.Command;
import dev.lathe.tools.generate.ChatCommand;
import dev.lathe.tools.generate.CompareDecodingCommand;
import dev.lathe.tools.generate.CompleteCommand;
import dev.lathe.tools.generate.EarlyExitCommand;
import dev.lathe.tools.generate.EmbedCommand;
import dev.lathe.tools.generate.LogitsCommand;
import dev.lathe.tools.generate.ResumeCommand;
import dev.lathe.tools.generate.SearchCommand;
import dev.lathe.tools.generate.TokenizeCommand;
import dev.lathe.tools.lab.ChooseCommand;
import dev.lathe.tools.lab.ContextCommand;
import dev.lathe.tools.lab.CorpusCommand;
import dev.lathe.tools.lab.CostsCommand;
import dev.lathe.tools.lab.EvaluateCommand;
import dev.lathe.tools.lab.FootprintCommand;
import dev.lathe.tools.lab.PerplexityCommand;
import dev.lathe.tools.lab.PlanCommand;
import dev.lathe.tools.lab.PredictCommand;
import dev.lathe.tools.lab.ReplayCommand;
import dev.lathe.tools.lab.RouteCommand;
import dev.lathe.tools.lab.RunsCommand;
import dev.lathe.tools.lab.ScalingCommand;
import dev.lathe.tools.lab.TuneCommand;
import dev.lathe.tools.measure.BenchCommand;
import dev.lathe.tools.measure.DatastoreCommand;
import dev.lathe.tools.measure.ExpertsCommand;
import dev.lathe.tools.measure.NeighborsCommand;
import dev.lathe.tools.measure.SessionsCommand;
import dev.lathe.tools.measure.SoakCommand;
import dev.lathe.tools.shape.CompareRecipesCommand;
import dev.lathe.tools.shape.ConvertCommand;
import dev.lathe.tools.shape.LowCostCommand;
import dev.lathe.tools.shape.PackCommand;
import dev.lathe.tools.shape.QuantizeCommand;
import dev.lathe.tools.shape.ShapeCommand;
import java.util.Arrays;
import java.util.Optional;

/** The command line: the name of a command, then its options. Without a name it is Complete. */
public final class Lathe {
    private static final String HELP = """
            Complete         continues a text
            CompleteFast     the same text, drafted and verified as a planner chooses
            Chat             holds a conversation in the layout of the model's file
            Embed            makes vectors of texts
            Tokenize         shows the tokens of a text
            Logits           writes a model's logits, to compare with another engine's
            Convert          writes a folder as Hugging Face serves it as a GGUF file
            Pack             keeps a model's packed weights, so that it starts sooner
            Quantize         writes a file with fewer bits a weight
            Shape            writes a smaller model: sliced, factored, pruned, quantized, or searched for
            CompareRecipes   compares methods at one size
            CompareDecoding  compares the speed of all decoding strategies
            EarlyExit        measures what leaving after some layers costs and saves
            Perplexity       measures how well a model predicts a text
            Resume           shows what a saved session spares
            Neighbors        measures how well a model predicts with what came next in other texts
            Datastore        measures appending, searching and opening a file of vectors
            Context          plans what contexts take: bytes, time, texts that fit, by type of cache
            Experts          shows how a mixture of experts fares of which some are in memory
            Evaluate         counts the Java methods that a model completes so that they pass their tests
            Route            shows what choosing between two models costs and brings
            Search           measures what more tokens bring, for each way to search for an answer
            Sessions         shows what sessions take, share and leave in memory
            Soak             asks an engine for many short answers and looks whether anything is left
            Predict          predicts the time of requests from a few runs
            Costs            times products of layers, learns to predict others, exchanges measurements
            Tune             finds the fastest settings for a kind of request
            Footprint        measures what a request costs: time by stage, energy, carbon, money
            Replay           repeats a recorded run and compares its figures
            Runs             tables of recorded runs, also at equal cost, and model cards
            Choose           the smallest of some models that is good enough, and what each needs
            Corpus           filters, deduplicates, mixes and samples texts to calibrate with
            Scaling          fits how loss falls with size, and predicts other sizes
            Plan             machines for a trace of requests: which kinds, how many to keep ready
            LowCost          shows the errors of arithmetic without multiplications
            Bench            measures tokens per second, of llama.cpp too

            --help after a name lists its options.
            """;

    private Lathe() {}

    /** Runs the command that the first argument names. */
    public static void main(String[] arguments) {
        boolean named = arguments.length > 0 && !arguments[0].startsWith("-");
        String name = named ? arguments[0] : "Complete";
        String[] options = named ? Arrays.copyOfRange(arguments, 1, arguments.length) : arguments;
        if (arguments.length > 0 && arguments[0].equals("--help")) {
            System.out.print(HELP);
            return;
        }
        int status = find(name).map(command -> command.run(options)).orElseGet(() -> {
            System.err.println("there is no command " + name + "; --help lists the commands");
            return 2;
        });
        if (status != 0) {
            System.exit(status);
        }
    }

    /** The command of a name, if there is one. */
    public static Optional<Command> find(String name) {
        return Optional.ofNullable(
                switch (name) { // no table of them all: what does not run is not loaded either
                    case "Complete" -> CompleteCommand.command("Complete", "autoregressive");
                    case "CompleteFast" -> CompleteCommand.command("CompleteFast", "auto");
                    case "Chat" -> ChatCommand.command();
                    case "Embed" -> EmbedCommand.command();
                    case "Tokenize" -> TokenizeCommand.command();
                    case "Logits" -> LogitsCommand.command();
                    case "Convert" -> ConvertCommand.command();
                    case "Pack" -> PackCommand.command();
                    case "Quantize" -> QuantizeCommand.command();
                    case "Shape" -> ShapeCommand.command();
                    case "CompareRecipes" -> CompareRecipesCommand.command();
                    case "CompareDecoding" -> CompareDecodingCommand.command();
                    case "EarlyExit" -> EarlyExitCommand.command();
                    case "Perplexity" -> PerplexityCommand.command();
                    case "Resume" -> ResumeCommand.command();
                    case "Context" -> ContextCommand.command();
                    case "Sessions" -> SessionsCommand.command();
                    case "Experts" -> ExpertsCommand.command();
                    case "Evaluate" -> EvaluateCommand.command();
                    case "Route" -> RouteCommand.command();
                    case "Search" -> SearchCommand.command();
                    case "Soak" -> SoakCommand.command();
                    case "Predict" -> PredictCommand.command();
                    case "Tune" -> TuneCommand.command();
                    case "Footprint" -> FootprintCommand.command();
                    case "Replay" -> ReplayCommand.command();
                    case "Costs" -> CostsCommand.command();
                    case "Runs" -> RunsCommand.command();
                    case "Choose" -> ChooseCommand.command();
                    case "Corpus" -> CorpusCommand.command();
                    case "Scaling" -> ScalingCommand.command();
                    case "Plan" -> PlanCommand.command();
                    case "LowCost" -> LowCostCommand.command();
                    case "Neighbors" -> NeighborsCommand.command();
                    case "Datastore" -> DatastoreCommand.command();
                    case "Bench" -> BenchCommand.command();
                    default -> null;
                });
    }
}
