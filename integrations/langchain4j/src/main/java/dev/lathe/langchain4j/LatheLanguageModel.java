package dev.lathe.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.language.LanguageModel;
import dev.langchain4j.model.output.Response;
import dev.lathe.Engine;
import dev.lathe.GenerationResult;
import dev.lathe.Request;

/** A model that continues texts. Thread-safe. */
public final class LatheLanguageModel implements LanguageModel {
    private final Engine engine;
    private final ChatRequestParameters parameters;

    /**
     * Greedy, until the model ends the text.
     *
     * @param engine stays the caller's
     */
    public LatheLanguageModel(Engine engine) {
        this(engine, LatheChatRequestParameters.builder().build());
    }

    /**
     * With parameters for all texts.
     *
     * @param engine stays the caller's
     * @throws dev.langchain4j.exception.UnsupportedFeatureException if the parameters ask for what Lathe lacks
     */
    public LatheLanguageModel(Engine engine, ChatRequestParameters parameters) {
        this.engine = engine;
        this.parameters = parameters;
        Parameters.checkSupported(parameters, parameters.modelName());
        if (parameters.responseFormat() != null) {
            throw Parameters.unsupported("a response format of texts that are continued");
        }
        if (!parameters.toolSpecifications().isEmpty()) {
            throw Parameters.unsupported("tools of texts that are continued");
        }
    }

    @Override
    public Response<String> generate(String prompt) {
        Request request = Conversations.translating(() -> Parameters.apply(engine.generate(prompt), parameters));
        GenerationResult result = Conversations.run(request);
        return Response.from(
                result.text(), LatheTokenUsage.of(result.stats()), Conversations.finishReason(result.finishReason()));
    }
}
