"""What is said of a drawing that a warning is for: why it cannot be used, how it was read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from alerts.rivers.reaches import RiverProblem
from bot.locale import N_
from data.geo.drawing_files import DrawingProblem
from data.geo.shapes import ShapeNote, ShapeProblem

SHAPE_PROBLEMS: Mapping[Enum, str] = {
    ShapeProblem.NOT_GEOJSON: N_(
        "这不是能读的图形文件，没有用上。请发 GeoJSON、KML、KMZ 或压缩的 Shapefile。"
    ),
    ShapeProblem.TOO_LARGE: N_("图形太大，没有用上。请简化到 20 万个点、8 MB 以内再发。"),
    ShapeProblem.NO_POLYGON: N_(
        "文件里没有面，只有点或线，没有用上。请画成围起来的面（Polygon）再发。"
    ),
    ShapeProblem.NOT_NUMBERS: N_("图形的坐标不是数字，没有用上。请重新导出后再发。"),
    ShapeProblem.TOO_FEW_POINTS: N_("图形不到三个点，围不成面，没有用上。请重画。"),
    ShapeProblem.NOT_DEGREES: N_(
        "坐标不是经纬度（像是米），没有用上。请用 WGS-84 或 CGCS2000 经纬度导出。"
    ),
    ShapeProblem.ELSEWHERE: N_(
        "图形不在本地范围内（西南角 {lon}，{lat}），没有用上。请核对坐标后再发。"
    ),
    ShapeProblem.NO_AREA: N_("图形没有面积（所有点在一条线上），没有用上。请重画。"),
    ShapeProblem.CIRCLE: N_("圆的半径 {metres} 米不对，没有用上。请写 1 米到 2000 千米。"),
    RiverProblem.UNKNOWN_STRETCH: N_("没有这个河段，可能刚改过。请从「🌊 河流、水库」重新选。"),
    RiverProblem.NOTHING_BELOW: N_(
        "{place} 下游有哪些村还不清楚：名册里没有写下游村，附近也没有导入河流。请勾选村或发图形。"
    ),
    DrawingProblem.BROKEN: N_("文件损坏或不完整，没有用上。请重新导出后再发。"),
    DrawingProblem.TOO_MANY: N_("图形里的点太多，没有用上。请简化后再发。"),
    DrawingProblem.TOO_LARGE: N_("压缩包里的图形太大（超过 {most} MB），没有用上。请简化后再发。"),
    DrawingProblem.OTHER_SYSTEM: N_(
        "坐标系是 {name}，没有用上。请用 WGS-84 或 CGCS2000 经纬度导出。"
    ),
}

SHAPE_NOTES: Mapping[ShapeNote, str] = {
    ShapeNote.CLOSED: N_("图形没有闭合，已自动首尾相连"),
    ShapeNote.MENDED: N_("图形自己交叉，按围住的部分算"),
    ShapeNote.SWAPPED: N_("经纬度写反了，已调换"),
    ShapeNote.SEVERAL: N_("有几个面，合在一起算"),
    ShapeNote.HOLES: N_("面里挖空的部分不算"),
    ShapeNote.IGNORED: N_("文件里的点和线没有用"),
    ShapeNote.CONVERTED: N_("按 GCJ-02（高德、腾讯、奥维等国内地图）换算"),
    ShapeNote.MAP_UNSAID: N_("像是奥维画的，坐标多半是 GCJ-02：请核对下面的坐标系"),
}
