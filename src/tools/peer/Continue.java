import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Lets llama.cpp continue prompts greedily. Arguments: tokens, how many prompts, the prompts, then models. Prints a
 * line for each model and prompt: the word text and the text in Base64, among what the library prints. Started by
 * tests.
 */
final class Continue {
    private Continue() {}

    public static void main(String[] arguments) {
        int tokens = Integer.parseInt(arguments[0]);
        int end = 2 + Integer.parseInt(arguments[1]);
        List<String> prompts = Arrays.asList(arguments).subList(2, end);
        LlamaModel.setLogger(null, (level, message) -> {});
        for (String file : Arrays.asList(arguments).subList(end, arguments.length)) {
            LlamaModel model = new LlamaModel(new ModelParameters()
                    .setModel(file)
                    .setThreads(1)
                    .setThreadsBatch(1)
                    .setCtxSize(512));
            for (String prompt : prompts) {
                StringBuilder text = new StringBuilder();
                InferenceParameters parameters = new InferenceParameters(prompt)
                        .setNPredict(tokens)
                        .setTemperature(0)
                        .setCachePrompt(false);
                for (LlamaOutput output : model.generate(parameters)) {
                    text.append(output);
                }
                byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
                System.out.println("text " + Base64.getEncoder().encodeToString(bytes));
            }
        }
        System.out.flush();
        Runtime.getRuntime().halt(0); // closing a model can wait forever for its server's threads
    }
}
