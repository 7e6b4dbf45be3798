package dev.lathe.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;

/** LangChain4j's own kit; what Lathe lacks is gated, and then must be refused. */
class LatheChatModelIT extends AbstractChatModelIT {
    @Override
    protected List<ChatModel> models() {
        return List.of(new LatheChatModel(TestEngine.ENGINE, TestEngine.NAME));
    }

    @Override
    protected ChatModel createModelWith(ChatRequestParameters parameters) {
        return new LatheChatModel(TestEngine.ENGINE, TestEngine.NAME, parameters, List.of());
    }

    @Override
    protected Class<? extends TokenUsage> tokenUsageType(ChatModel model) {
        return LatheTokenUsage.class;
    }

    @Override
    protected boolean supportsModelNameParameter() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsBase64EncodedString() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsPublicURL() {
        return false;
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return LatheChatRequestParameters.builder()
                .maxOutputTokens(maxOutputTokens)
                .build();
    }
}
