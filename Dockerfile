# Builds LIM Server and puts it on a Java runtime, one layer for the libraries and one for LIM Server itself.
# The service wants a PostgreSQL (SPRING_DATASOURCE_*), or keeps an embedded one in /var/lib/lim-server.
FROM maven:3.9.16-eclipse-temurin-25 AS build
WORKDIR /build
COPY pom.xml ./
COPY db db
COPY src/main src/main
RUN --mount=type=cache,target=/m2 mvn -B -ntp -Dmaven.repo.local=/m2 package -Dmaven.test.skip=true
RUN java -Djarmode=tools -jar target/lim-server-*.jar extract --layers --destination layers --application-filename lim-server.jar

FROM eclipse-temurin:25.0.3_9-jre-noble
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/lim-server --shell /usr/sbin/nologin lim
WORKDIR /opt/lim-server
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
USER 10001
# The container's own loopback could not be published. Listening on more, the service starts only
# once its user has said who may use it, as docker-compose.yml does.
ENV SERVER_ADDRESS=0.0.0.0
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${SERVER_PORT:-8080} && printf 'GET /actuator/health HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200'"]
ENTRYPOINT ["java", "--add-modules", "jdk.incubator.vector", "-jar", "lim-server.jar"]
