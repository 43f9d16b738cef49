// Grafana's types, as the JSON of a file has them: an enum is its text, and each kind of panel has
// the options and fields of its own plugin.

import type * as schema from '@grafana/schema';
import type * as bargauge from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type * as heatmap from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type * as timeline from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type * as text from '@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen';
import type * as timeseries from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** An enum of texts takes the text itself. */
type Plain<T> = T extends string
  ? `${T}`
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Key in keyof T]: Plain<T[Key]> }
      : T;

/** What the Prometheus data source reads of a target; its types are not published any more. */
interface Target extends schema.DataQuery {
  datasource: schema.DataSourceRef;
  expr: string;
  legendFormat: string;
  format: 'time_series' | 'table' | 'heatmap';
  instant: boolean;
  range: boolean;
  exemplar: boolean;
  editorMode: 'code' | 'builder';
}

/** A panel of one kind; `Fields` are what the kind adds to a field. */
type Of<Kind extends string, Options, Fields> = Plain<
  Omit<schema.Panel, 'type' | 'options' | 'targets' | 'fieldConfig'> & {
    type: Kind;
    title: string;
    description: string;
    options: Options;
    targets?: Target[];
    fieldConfig: Omit<schema.FieldConfigSource, 'defaults'> & {
      defaults: Omit<schema.FieldConfig, 'custom'> & { custom?: Fields };
    };
  }
>;

export type BarGauge = Of<'bargauge', bargauge.Options, never>;
export type Heatmap = Of<'heatmap', heatmap.Options, heatmap.FieldConfig>;
export type Stat = Of<'stat', stat.Options, never>;
export type StateTimeline = Of<'state-timeline', timeline.Options, timeline.FieldConfig>;
export type Table = Of<'table', table.Options, table.FieldConfig>;
export type Text = Of<'text', text.Options, never>;
export type TimeSeries = Of<'timeseries', timeseries.Options, timeseries.FieldConfig>;
export type Row = Plain<schema.RowPanel>;

/** What the Prometheus data source reads of an annotation, beside Grafana's own. */
interface Annotation extends Omit<schema.AnnotationQuery, 'target'> {
  target?: { refId: string; expr: string };
  expr?: string;
  titleFormat?: string;
  textFormat?: string;
  tagKeys?: string;
  useValueForTime?: boolean;
}

export type Dashboard = Plain<
  Omit<schema.Dashboard, 'panels' | 'annotations'> & {
    uid: string;
    title: string;
    annotations: { list: Annotation[] };
  }
> & {
  panels: (BarGauge | Heatmap | Stat | StateTimeline | Table | Text | TimeSeries | Row)[];
};
