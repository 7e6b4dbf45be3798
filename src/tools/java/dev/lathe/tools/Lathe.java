package dev.lathe.tools;

import java.util.Arrays;

/** The command line: the name of a command, then its options. Without a name it is Complete. */
final class Lathe {
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
            Experts          shows how a mixture of experts fares of which some are in memory
            Evaluate         counts the Java methods that a model completes so that they pass their tests
            Route            shows what choosing between two models costs and brings
            Predict          predicts the time of requests from a few runs
            Tune             finds the fastest settings for a kind of request
            Footprint        measures what a request costs: time by stage, energy, carbon, money
            Replay           repeats a recorded run and compares its figures
            LowCost          shows the errors of arithmetic without multiplications
            Bench            measures tokens per second, of llama.cpp too

            --help after a name lists its options.
            """;

    private Lathe() {}

    /** Runs the command that the first argument names. */
    public static void main(String[] arguments) {
        if (arguments.length == 0 || (arguments[0].startsWith("-") && !arguments[0].equals("--help"))) {
            CompleteCommand.main(arguments);
            return;
        }
        String[] options = Arrays.copyOfRange(arguments, 1, arguments.length);
        switch (arguments[0]) { // no table of them all: what does not run is not loaded either
            case "Complete" -> CompleteCommand.main(options);
            case "CompleteFast" -> CompleteCommand.main("CompleteFast", "auto", options);
            case "Chat" -> ChatCommand.main(options);
            case "Embed" -> EmbedCommand.main(options);
            case "Tokenize" -> TokenizeCommand.main(options);
            case "Logits" -> LogitsCommand.main(options);
            case "Convert" -> ConvertCommand.main(options);
            case "Pack" -> PackCommand.main(options);
            case "Quantize" -> QuantizeCommand.main(options);
            case "Shape" -> ShapeCommand.main(options);
            case "CompareRecipes" -> CompareRecipesCommand.main(options);
            case "CompareDecoding" -> CompareDecodingCommand.main(options);
            case "EarlyExit" -> EarlyExitCommand.main(options);
            case "Perplexity" -> PerplexityCommand.main(options);
            case "Resume" -> ResumeCommand.main(options);
            case "Neighbors" -> NeighborsCommand.main(options);
            case "Datastore" -> DatastoreCommand.main(options);
            case "Experts" -> ExpertsCommand.main(options);
            case "Evaluate" -> EvaluateCommand.main(options);
            case "Route" -> RouteCommand.main(options);
            case "Predict" -> PredictCommand.main(options);
            case "Tune" -> TuneCommand.main(options);
            case "Footprint" -> FootprintCommand.main(options);
            case "Replay" -> ReplayCommand.main(options);
            case "LowCost" -> LowCostCommand.main(options);
            case "Bench" -> BenchCommand.main(options);
            case "--help" -> System.out.print(HELP);
            default -> {
                System.err.println("there is no command " + arguments[0] + "; --help lists the commands");
                System.exit(2);
            }
        }
    }
}
