package dev.lim.dataset;

import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.NativeQuery;
import org.springframework.data.repository.Repository;
import org.springframework.transaction.annotation.Transactional;

/** The datasets in the database. */
interface Datasets extends Repository<Dataset, String> {

  Optional<Dataset> findById(String dataset);

  List<Dataset> findByDatasetGreaterThanOrderByDataset(String after, Limit limit);

  /** Creates the dataset unless it is there; answers how many were created. */
  @Modifying
  @Transactional
  @NativeQuery(
      "insert into dataset (dataset, created_at) values (:dataset, now()) on conflict do nothing")
  int create(String dataset);
}
