package dev.lathe.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;

/** LangChain4j's own kit; what Lathe lacks is gated, and then must be refused. */
class LatheStreamingChatModelIT extends AbstractStreamingChatModelIT {
    @Override
    protected List<StreamingChatModel> models() {
        return List.of(new LatheStreamingChatModel(TestEngine.ENGINE, TestEngine.NAME));
    }

    @Override
    protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
        return new LatheStreamingChatModel(TestEngine.ENGINE, TestEngine.NAME, parameters, List.of());
    }

    @Override
    public StreamingChatModel createModelWith(ChatModelListener listener) {
        return new LatheStreamingChatModel(
                TestEngine.ENGINE,
                TestEngine.NAME,
                LatheChatRequestParameters.builder().build(),
                List.of(listener));
    }

    @Override
    protected Class<? extends TokenUsage> tokenUsageType(StreamingChatModel model) {
        return LatheTokenUsage.class;
    }

    @Override
    protected boolean supportsModelNameParameter() {
        return false;
    }

    @Override
    protected boolean supportsTools() {
        return false;
    }

    @Override
    protected boolean supportsToolChoiceRequired() {
        return false;
    }

    @Override
    protected boolean supportsToolsAndJsonResponseFormatWithSchema() {
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
