package dev.lathe.springboot;

import dev.lathe.Engine;
import dev.lathe.Kernels;
import dev.lathe.Model;
import dev.lathe.springai.LatheChatModel;
import dev.lathe.springai.LatheEmbeddingModel;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Beans of the model that {@code spring.ai.lathe.model} names: the model itself, an engine that answers many requests at
 * once, and Spring AI's models of chat or of vectors, whichever the file is for. An application's own beans of these
 * types go first. A file that cannot be loaded ends the start with its reason.
 *
 * <p>When the application ends, new requests are refused and those under way end, or are cancelled after {@code
 * spring.ai.lathe.shutdown}; then memory is freed.
 */
@AutoConfiguration
@ConditionalOnProperty(LatheProperties.PREFIX + ".model")
@EnableConfigurationProperties(LatheProperties.class)
public class LatheAutoConfiguration {
    /** The loaded model. */
    @Bean
    @ConditionalOnMissingBean
    Model latheModel(LatheProperties properties) throws IOException {
        return Model.load(properties.model(), properties.loadOptions());
    }

    /** Beans of a model that answers. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = LatheProperties.PREFIX + ".use", havingValue = "chat", matchIfMissing = true)
    static class Answers {
        /** Answers many requests at once. */
        @Bean
        @ConditionalOnMissingBean
        Engine latheEngine(Model model, LatheProperties properties) {
            return model.engine(properties.engineOptions());
        }

        /** Lets answers under way end before the engine is closed. */
        @Bean
        GracefulEnd latheGracefulEnd(Engine engine, LatheProperties properties) {
            return new GracefulEnd(engine, properties.shutdown());
        }

        @Bean
        @ConditionalOnMissingBean(ChatModel.class)
        LatheChatModel latheChatModel(
                Engine engine,
                LatheProperties properties,
                ObjectProvider<ToolCallingManager> tools,
                ObjectProvider<ObservationRegistry> registry) {
            LatheChatModel.Builder chat = LatheChatModel.builder(engine, properties.modelName())
                    .options(properties.chat().options());
            tools.ifUnique(chat::toolCallingManager);
            registry.ifUnique(chat::observationRegistry);
            return chat.build();
        }
    }

    /** Beans of a model that makes vectors: {@code spring.ai.lathe.use=embedding}. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = LatheProperties.PREFIX + ".use", havingValue = "embedding")
    static class Vectors {
        @Bean
        @ConditionalOnMissingBean(EmbeddingModel.class)
        LatheEmbeddingModel latheEmbeddingModel(
                Model model, LatheProperties properties, ObjectProvider<ObservationRegistry> registry) {
            LatheEmbeddingModel.Builder vectors = LatheEmbeddingModel.builder(model, properties.modelName());
            registry.ifUnique(vectors::observationRegistry);
            return vectors.build();
        }
    }

    /** Where an application tells its health. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HealthIndicator.class)
    static class Health {
        @Bean
        @ConditionalOnMissingBean(name = "latheHealthIndicator")
        HealthIndicator latheHealthIndicator() {
            return new LatheHealthIndicator(Kernels.inUse());
        }
    }
}
